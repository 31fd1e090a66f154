using System.Runtime.InteropServices;
using Google.Protobuf;
using GraphRewrite.Diagnostics;
using GraphRewrite.IR;
using GraphRewrite.Serialization.Protos;

namespace GraphRewrite.Serialization;

/// <summary>TensorProto ↔ <see cref="Tensor"/>: raw, typed and external data.</summary>
internal static class TensorCodec
{
    /// <summary>The tensor, or null where this program does not model its type (strings, complex numbers, 4-bit and 8-bit floats).</summary>
    /// <exception cref="GraphRewriteException">The data has the wrong length, or an external file is missing or too short.</exception>
    public static Tensor? Decode(TensorProto proto, ExternalData external)
    {
        var type = (ElementType)proto.DataType;
        if (proto.Dims.Any(dim => dim < 0))
            throw new GraphRewriteException($"the tensor '{proto.Name}' is damaged: it has the dimensions [{string.Join(", ", proto.Dims)}].");
        if (!Enum.IsDefined(type) || type is ElementType.Undefined or ElementType.String) return null;
        if (type is ElementType.Complex64 or ElementType.Complex128) return null;
        try
        {
            return new(type, proto.Dims, Bytes(proto, type, external));
        }
        catch (Exception e) when (e is ArgumentException or OverflowException)
        {
            throw new GraphRewriteException($"the tensor '{proto.Name}' is damaged: {e.Message}", e);
        }
    }

    public static TensorProto Encode(string name, Tensor tensor)
    {
        var proto = new TensorProto { DataType = (int)tensor.Type, RawData = UnsafeByteOperations.UnsafeWrap(tensor.Data) };
        if (name.Length > 0) proto.Name = name;
        proto.Dims.AddRange(tensor.Dims);
        return proto;
    }

    private static ReadOnlyMemory<byte> Bytes(TensorProto proto, ElementType type, ExternalData external)
    {
        if (ExternalPlace.IsExternal(proto)) return external.Of(proto);
        if (proto.HasRawData) return proto.RawData.Memory;
        return type switch
        {
            ElementType.Float => AsBytes<float>([.. proto.FloatData]),
            ElementType.Double => AsBytes<double>([.. proto.DoubleData]),
            ElementType.Int64 => AsBytes<long>([.. proto.Int64Data]),
            ElementType.UInt64 => AsBytes<ulong>([.. proto.Uint64Data]),
            ElementType.UInt32 => AsBytes<uint>([.. proto.Uint64Data.Select(x => (uint)x)]),
            ElementType.Int32 => AsBytes<int>([.. proto.Int32Data]),
            ElementType.Int16 or ElementType.UInt16 or ElementType.Float16 or ElementType.BFloat16 =>
                AsBytes<ushort>([.. proto.Int32Data.Select(x => (ushort)x)]),
            _ => AsBytes<byte>([.. proto.Int32Data.Select(x => (byte)x)]),
        };
    }

    private static byte[] AsBytes<T>(T[] elements)
        where T : unmanaged => MemoryMarshal.AsBytes(elements.AsSpan()).ToArray();
}
