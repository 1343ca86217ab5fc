Package: never
Status: install ok installed
Priority: optional
Section: admin
Installed-Size: 100
Maintainer: M <m@example.org>
Architecture: amd64
Version: 1.0
Description: x
 more

