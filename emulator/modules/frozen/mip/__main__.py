# `micropython -m mip install PACKAGE[@VERSION] …`, with the options of micropython-lib's mip-cmdline 0.1.0.

import argparse
import sys


def do_install():
    parser = argparse.ArgumentParser()
    option = parser.add_argument
    option("-t", "--target", help="Directory to start discovery")
    option("-i", "--index", help="Pattern to match test files")
    option("--mpy", action="store_true", help="download as compiled .mpy files (default)")
    option("--no-mpy", action="store_true", help="download as .py source files")
    option("package", nargs="+")
    args = parser.parse_args(sys.argv[2:])

    from . import install

    for package in args.package:
        version = None
        if "@" in package:
            package, version = package.split("@")
        install(package, args.index, args.target, version, not args.no_mpy)


if len(sys.argv) > 1:
    if sys.argv[1] == "install":
        do_install()
    else:
        print('mip: Unknown command "' + sys.argv[1] + '"')


__version__ = "0.1.0"
