#!/usr/bin/env python3
"""Lets a shared library load where the system lacks a symbol version that the library asks for but makes no use of: the requirement becomes a weak one.

    weaken-version.py LIBRARY VERSION

libLibTorchSharp.so was built with GCC 13, whose <iostream> names one symbol of GLIBCXX_3.4.32 without a relocation; Debian 12 has GCC 12's libstdc++.
The structures are those of elf(5): Elf64_Ehdr, Elf64_Shdr, Elf64_Verneed, Elf64_Vernaux, little-endian.
"""
import struct
import sys

SHT_GNU_VERNEED = 0x6FFFFFFE
VER_FLG_WEAK = 2


def sections(library):
    """Type, offset and link of each section."""
    (table,) = struct.unpack_from("<Q", library, 0x28)
    size, count = struct.unpack_from("<HH", library, 0x3A)
    for i in range(count):
        _, kind, _, _, offset, _, link = struct.unpack_from("<IIQQQQI", library, table + i * size)
        yield kind, offset, link


def required_versions(library):
    """Name of each version that the library requires, and where its record is."""
    table = list(sections(library))
    for kind, need, link in table:
        if kind != SHT_GNU_VERNEED:
            continue
        strings = table[link][1]
        while True:
            _, count, _, first, next_need = struct.unpack_from("<HHIII", library, need)
            record = need + first
            for _ in range(count):
                _, _, _, name, next_record = struct.unpack_from("<IHHII", library, record)
                start = strings + name
                yield library[start:library.index(0, start)].decode(), record
                record += next_record
            if next_need == 0:
                break
            need += next_need


def main():
    path, version = sys.argv[1:]
    with open(path, "rb") as file:
        library = bytearray(file.read())
    if library[:6] != b"\x7fELF\x02\x01":
        sys.exit(f"{path}: no 64-bit little-endian ELF file.")
    for name, record in required_versions(library):
        if name == version:
            struct.pack_into("<H", library, record + 4, VER_FLG_WEAK)
    with open(path, "wb") as file:
        file.write(library)


main()
