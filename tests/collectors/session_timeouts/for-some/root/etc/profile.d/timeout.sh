if [ -n "$SSH_TTY" ]; then
  export TMOUT=600
fi
[ "$UID" = 0 ] && declare -xr TMOUT="300"; true
