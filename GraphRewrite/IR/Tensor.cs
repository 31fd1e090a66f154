using System.Numerics;
using System.Runtime.InteropServices;

namespace GraphRewrite.IR;

/// <summary>A constant tensor: element type, dimensions and contiguous row-major data (little-endian, as in ONNX's raw_data).</summary>
public sealed class Tensor
{
    private static volatile WeakReference<byte[]> zeros = new([]);

    /// <summary>A tensor over bytes that nobody changes any more; they are not copied.</summary>
    /// <param name="type">The element type, one of fixed size.</param>
    /// <param name="dims">The extents, outermost first; none for a scalar.</param>
    /// <param name="data">The elements, row-major and little-endian.</param>
    /// <exception cref="ArgumentException">The data has another length than the dimensions ask for.</exception>
    public Tensor(ElementType type, IReadOnlyList<long> dims, ReadOnlyMemory<byte> data)
    {
        Type = type;
        Dims = [.. dims];
        Data = data;
        if (data.Length != checked(Length * type.SizeOf()))
            throw new ArgumentException($"A tensor {this} has {data.Length} bytes; {Length * type.SizeOf()} were expected.");
    }

    /// <summary>The element type.</summary>
    public ElementType Type { get; }

    /// <summary>The extents, outermost first; none for a scalar.</summary>
    public IReadOnlyList<long> Dims { get; }

    /// <summary>The elements as bytes.</summary>
    public ReadOnlyMemory<byte> Data { get; }

    /// <summary>The number of axes.</summary>
    public int Rank => Dims.Count;

    /// <summary>Number of elements.</summary>
    public long Length => Dims.Aggregate(1L, (product, dim) => checked(product * dim));

    /// <summary>A tensor of elements, row-major, which are copied.</summary>
    /// <exception cref="ArgumentException">There are more or fewer than the dimensions ask for.</exception>
    public static Tensor Of<T>(IReadOnlyList<long> dims, params T[] elements)
        where T : unmanaged => new(TypeOf<T>(), dims, MemoryMarshal.AsBytes(elements.AsSpan()).ToArray());

    /// <summary>One element, of no axes.</summary>
    public static Tensor Scalar<T>(T value)
        where T : unmanaged => Of([], value);

    /// <summary>A one-dimensional tensor.</summary>
    public static Tensor Vector<T>(params T[] elements)
        where T : unmanaged => Of([elements.Length], elements);

    /// <summary>A scalar of the given floating or integer type.</summary>
    public static Tensor Scalar(ElementType type, double value) => Filled(type, [], value);

    /// <summary>One number everywhere, converted to the type.</summary>
    /// <exception cref="Diagnostics.GraphRewriteException">The type has no such numbers (texts, complex numbers).</exception>
    public static Tensor Filled(ElementType type, IReadOnlyList<long> dims, double value)
    {
        int count = checked((int)dims.Aggregate(1L, (product, dim) => product * dim));
        return type switch
        {
            ElementType.Float => Of(dims, Repeat((float)value)),
            ElementType.Double => Of(dims, Repeat(value)),
            ElementType.Float16 => Of(dims, Repeat((Half)value)),
            ElementType.BFloat16 => new(type, dims, MemoryMarshal.AsBytes(Repeat(UpperHalf((float)value)).AsSpan()).ToArray()),
            ElementType.Int64 => Of(dims, Repeat((long)value)),
            ElementType.Int32 => Of(dims, Repeat((int)value)),
            ElementType.Bool => Of(dims, Repeat(value != 0)),
            ElementType.UInt8 => Of(dims, Repeat((byte)value)),
            ElementType.Int8 => Of(dims, Repeat((sbyte)value)),
            ElementType.Int16 => Of(dims, Repeat((short)value)),
            ElementType.UInt16 => Of(dims, Repeat((ushort)value)),
            ElementType.UInt32 => Of(dims, Repeat((uint)value)),
            ElementType.UInt64 => Of(dims, Repeat((ulong)value)),
            _ => throw new Diagnostics.GraphRewriteException($"a number of the type {type} is wanted, which has none"),
        };

        static ushort UpperHalf(float number) => (ushort)(BitConverter.SingleToUInt32Bits(number) >> 16);

        T[] Repeat<T>(T element)
        {
            var elements = new T[count];
            Array.Fill(elements, element);
            return elements;
        }
    }

    /// <summary>Zero everywhere; such tensors share their bytes.</summary>
    internal static Tensor Zeros(ElementType type, IReadOnlyList<long> dims)
    {
        int bytes = checked((int)dims.Aggregate((long)type.SizeOf(), (product, dim) => product * dim));
        if (!zeros.TryGetTarget(out byte[]? shared) || shared.Length < bytes) zeros = new(shared = new byte[bytes]);
        return new(type, dims, shared.AsMemory(0, bytes));
    }

    /// <summary>The elements.</summary>
    /// <exception cref="InvalidOperationException">The tensor has another element type.</exception>
    public ReadOnlySpan<T> Span<T>()
        where T : unmanaged
    {
        if (TypeOf<T>() != Type)
            throw new InvalidOperationException($"A {Type} tensor was read as {TypeOf<T>()}.");
        return MemoryMarshal.Cast<byte, T>(Data.Span);
    }

    /// <summary>The elements of an integer or bool tensor, widened.</summary>
    public long[] ToInt64() => Type switch
    {
        ElementType.Int64 => Span<long>().ToArray(),
        ElementType.Int32 => Widen<int>(),
        ElementType.Int16 => Widen<short>(),
        ElementType.Int8 => Widen<sbyte>(),
        ElementType.UInt8 => Widen<byte>(),
        ElementType.UInt16 => Widen<ushort>(),
        ElementType.UInt32 => Widen<uint>(),
        ElementType.Bool => [.. Data.ToArray().Select(b => b == 0 ? 0L : 1L)],
        _ => throw new InvalidOperationException($"A {Type} tensor was read as integers."),
    };

    /// <summary>The elements as double, whatever the numeric type.</summary>
    public double[] ToDouble()
    {
        switch (Type)
        {
            case ElementType.Double: return Span<double>().ToArray();
            case ElementType.Float: return Array.ConvertAll(Span<float>().ToArray(), x => (double)x);
            case ElementType.Float16: return Array.ConvertAll(Span<Half>().ToArray(), x => (double)x);
            case ElementType.BFloat16:
                ushort[] halves = MemoryMarshal.Cast<byte, ushort>(Data.Span).ToArray();
                return Array.ConvertAll(halves, half => (double)BitConverter.UInt32BitsToSingle((uint)half << 16));
            default: return Array.ConvertAll(ToInt64(), x => (double)x);
        }
    }

    private long[] Widen<T>()
        where T : unmanaged, IBinaryInteger<T> => Array.ConvertAll(Span<T>().ToArray(), long.CreateChecked);

    /// <summary>The element type of a .NET type: float, double, Half, the integers of 8 to 64 bits, bool.</summary>
    /// <exception cref="NotSupportedException">ONNX has no such type.</exception>
    public static ElementType TypeOf<T>()
        where T : unmanaged => default(T) switch
        {
            float => ElementType.Float,
            double => ElementType.Double,
            long => ElementType.Int64,
            int => ElementType.Int32,
            bool => ElementType.Bool,
            byte => ElementType.UInt8,
            sbyte => ElementType.Int8,
            short => ElementType.Int16,
            ushort => ElementType.UInt16,
            uint => ElementType.UInt32,
            ulong => ElementType.UInt64,
            Half => ElementType.Float16,
            _ => throw new NotSupportedException($"{typeof(T)} is not an ONNX element type."),
        };

    /// <summary>Type and extents: "Float[64,784]".</summary>
    public override string ToString() => $"{Type}[{string.Join(",", Dims)}]";
}
