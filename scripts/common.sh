# Sourced by the scripts beside it: finds the checkout, prints, and builds nothing itself.
set -euo pipefail
project=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$project"

say() { printf '%s\n' "$*" >&2; }
fail() { say "$(basename "$0"): $*"; exit 2; }

# Prints the comment at the head of the calling script as its help.
print_help() { sed -n '2,/^[^#]/{/^#/{s/^# \{0,1\}//;p}}' "$0"; }

# Runs a command as root: as it is, or through sudo.
as_root() {
  if [[ $(id -u) == 0 ]]; then "$@"
  elif command -v sudo >/dev/null; then sudo "$@"
  else fail "needs root to install packages: run it as root, or install sudo"
  fi
}

jobs=${ANNEXA_JOBS:-2}

# The digest of all that a package is made of: whether one that is there is still of these sources.
packaged_sources() {
  git ls-files -z --cached --others --exclude-standard -- . ':!tests' ':!docs' ':!*.md' ':!bench' ':!fuzz' ':!web' | sort -z |
    while IFS= read -r -d '' file; do if [[ -f $file ]]; then printf '%s\0' "$file"; fi; done | xargs -0 sha256sum | sha256sum | cut -c1-64
}
