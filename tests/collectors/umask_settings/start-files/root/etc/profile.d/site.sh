umask u=rwx,o=
umask 77
