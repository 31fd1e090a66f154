#!/bin/sh
# Makes data/fashion-mnist/: the first 10,000 training and 2,000 test images of Fashion-MNIST, as gzip'd idx files.
# Source: Debian's package dataset-fashion-mnist (or a folder with the four original files, as the first argument).
# The same gzip gives byte-identical files (-n: neither name nor time inside); SHA256SUMS holds the sums of the unpacked
# files, which no version of gzip can change.
set -eu

source=${1:-/usr/share/datasets/fashion-mnist}
target=$(dirname "$0")/../data/fashion-mnist

# An idx file begins with its magic number and its count, four big-endian bytes each; the rest is copied as it stands.
first() { # name, count, bytes of the header after the count, bytes an item
    file=$target/$1.gz
    count=$(printf '\\%03o\\%03o\\%03o\\%03o' $(($2 >> 24 & 255)) $(($2 >> 16 & 255)) $(($2 >> 8 & 255)) $(($2 & 255)))
    {
        gzip -dc "$source/$1.gz" 2>/dev/null | head -c 4
        # shellcheck disable=SC2059  # the format is the bytes
        printf "$count"
        gzip -dc "$source/$1.gz" 2>/dev/null | tail -c +9 | head -c $(($3 + $2 * $4))
    } | gzip -9 -n > "$file.tmp"
    mv "$file.tmp" "$file"
}

for name in train-images-idx3-ubyte train-labels-idx1-ubyte t10k-images-idx3-ubyte t10k-labels-idx1-ubyte; do
    [ -r "$source/$name.gz" ] || { echo "$source/$name.gz is missing: apt-get install dataset-fashion-mnist" >&2; exit 2; }
done
mkdir -p "$target"
first train-images-idx3-ubyte 10000 8 784
first train-labels-idx1-ubyte 10000 0 1
first t10k-images-idx3-ubyte 2000 8 784
first t10k-labels-idx1-ubyte 2000 0 1

sums() {
    for name in t10k-images-idx3-ubyte t10k-labels-idx1-ubyte train-images-idx3-ubyte train-labels-idx1-ubyte; do
        printf '%s  %s\n' "$(gzip -dc "$target/$name.gz" | sha256sum | cut -d ' ' -f 1)" "$name"
    done
}
if [ -f "$target/SHA256SUMS" ]; then
    sums | diff "$target/SHA256SUMS" - || { echo "The files differ from those in the repository: is $source Fashion-MNIST?" >&2; exit 1; }
else
    sums > "$target/SHA256SUMS"
fi
