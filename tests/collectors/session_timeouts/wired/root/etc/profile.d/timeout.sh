TMOUT=600 # ten minutes
readonly TMOUT
export TMOUT
