using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;
using GraphRewrite.Diagnostics;

namespace TrainingHost.Data.Sources;

/// <summary>
/// An array of NumPy's format: \x93NUMPY, version (1.0 to 3.0), the header's length as a little-endian uint16 or uint32, a Python dictionary with
/// descr, fortran_order and shape, then the elements, row-major and little-endian.
/// https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
/// </summary>
/// <param name="Name">The file, or the archive and its entry.</param>
/// <param name="Dims">Dimensions.</param>
/// <param name="Type">NumPy's name of the type, such as u1 or f4.</param>
/// <param name="Data">The elements.</param>
internal sealed partial record NpyArray(string Name, IReadOnlyList<int> Dims, string Type, byte[] Data)
{
    private static ReadOnlySpan<byte> Magic => [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y'];

    /// <summary>Whether it holds bytes: pixels, where it is large enough.</summary>
    public bool IsBytes => Type is "u1";

    public static NpyArray Read(string path)
    {
        try
        {
            return Parse(File.ReadAllBytes(path), path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new GraphRewriteException($"{path}: cannot be read ({error.Message})", error);
        }
    }

    /// <exception cref="GraphRewriteException">It is no such array, truncated, or of a type that is no number.</exception>
    public static NpyArray Parse(byte[] file, string name)
    {
        if (!file.AsSpan().StartsWith(Magic) || file.Length < 12) throw new GraphRewriteException($"{name}: is no NumPy array (.npy)");
        int lengthBytes = file[6] == 1 ? 2 : 4, begin = 8 + lengthBytes;
        long headerLength = lengthBytes == 2 ? BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(8))
            : BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(8));
        if (file.Length < begin + headerLength) throw new GraphRewriteException($"{name}: the file ends before its header does");
        string header = Encoding.UTF8.GetString(file, begin, (int)headerLength);
        Match type = Descr().Match(header), shape = ShapeOf().Match(header);
        if (!type.Success || !shape.Success)
            throw new GraphRewriteException($"{name}: its header is not understood ({header.Trim()}). Save a plain array: numpy.save(file, array)");
        if (header.Contains("'fortran_order': True", StringComparison.Ordinal))
            throw new GraphRewriteException($"{name}: its axes are in Fortran's order. Save it as numpy.ascontiguousarray(array)");
        string element = type.Groups["type"].Value;
        if (type.Groups["order"].Value == ">" || SizeOf(element) is not { } size)
        {
            throw new GraphRewriteException($"{name}: holds {type.Groups["order"].Value}{element}; plain numbers are taken: bool, integers of 8 to "
                + "64 bits, float16 to float64, little-endian. Convert it with array.astype('float32') or 'int64'");
        }
        const StringSplitOptions trimmed = StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries;
        int[] dims = [.. shape.Groups["dims"].Value.Split(',', trimmed).Select(Extent)];
        long bytes = dims.Aggregate((long)size, (product, dim) => checked(product * dim)), start = begin + headerLength;
        if (file.Length - start < bytes)
        {
            throw new GraphRewriteException(
                $"{name}: truncated, {string.Join(" x ", dims)} {element} are {bytes} bytes and {file.Length - start} are there");
        }
        return new(name, dims, element, file.AsSpan((int)start, (int)bytes).ToArray());

        int Extent(string text) => int.TryParse(text, out int extent) && extent >= 0 ? extent
            : throw new GraphRewriteException($"{name}: its header has the extent '{text}'");
    }

    /// <summary>The elements as an array with a row for each of the first axis.</summary>
    public ExampleArray ToExamples()
    {
        long[] dims = [.. Dims.Skip(1).Select(dim => (long)dim)];
        return Type[0] == 'f' ? new(Name, dims, Floats(), null) : new(Name, dims, null, Integers());
    }

    private float[] Floats() => Type switch
    {
        "f2" => Array.ConvertAll(MemoryMarshal.Cast<byte, Half>(Data).ToArray(), value => (float)value),
        "f4" => MemoryMarshal.Cast<byte, float>(Data).ToArray(),
        _ => Array.ConvertAll(MemoryMarshal.Cast<byte, double>(Data).ToArray(), value => (float)value),
    };

    private long[] Integers() => Type switch
    {
        "u1" or "b1" => Array.ConvertAll(Data, value => (long)value),
        "i1" => Array.ConvertAll(Data, value => (long)(sbyte)value),
        "i2" => Array.ConvertAll(MemoryMarshal.Cast<byte, short>(Data).ToArray(), value => (long)value),
        "u2" => Array.ConvertAll(MemoryMarshal.Cast<byte, ushort>(Data).ToArray(), value => (long)value),
        "i4" => Array.ConvertAll(MemoryMarshal.Cast<byte, int>(Data).ToArray(), value => (long)value),
        "u4" => Array.ConvertAll(MemoryMarshal.Cast<byte, uint>(Data).ToArray(), value => (long)value),
        _ => MemoryMarshal.Cast<byte, long>(Data).ToArray(),
    };

    private static int? SizeOf(string type) => type switch
    {
        "b1" or "u1" or "i1" => 1,
        "i2" or "u2" or "f2" => 2,
        "i4" or "u4" or "f4" => 4,
        "i8" or "u8" or "f8" => 8,
        _ => null,
    };

    [GeneratedRegex("'descr': *'(?<order>[<>|=])(?<type>[a-z]\\d+)'")]
    private static partial Regex Descr();

    [GeneratedRegex(@"'shape': *\((?<dims>[^)]*)\)")]
    private static partial Regex ShapeOf();
}
