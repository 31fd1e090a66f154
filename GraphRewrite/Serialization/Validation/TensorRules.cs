using GraphRewrite.Diagnostics;
using GraphRewrite.IR;
using GraphRewrite.Serialization.Protos;

namespace GraphRewrite.Serialization.Validation;

/// <summary>
/// What a stored tensor, and a declared type, must keep to: known element types, extents that are numbers, as much data as they ask for.
/// </summary>
internal static class TensorRules
{
    /// <summary>The numbers of TensorProto.DataType, by bits of an element; 0 for strings. 27 and above are not known yet.</summary>
    private static readonly int[] Bits = [-1, 32, 8, 8, 16, 16, 32, 64, 0, 8, 16, 64, 32, 64, 64, 128, 16, 8, 8, 8, 8, 4, 4, 4, 8, 2, 2];

    /// <summary>Of a declaration: extents enter products with windows and strides.</summary>
    private const long MostElements = 1L << 48;

    /// <summary>Bytes that the dimensions ask for; null where they are none, or no file could hold them.</summary>
    public static long? ByteCount(IReadOnlyList<long> dims, int type)
    {
        if (type <= 0 || type >= Bits.Length || Elements(dims) is not { } count) return null;
        UInt128 bytes = (((UInt128)count * (UInt128)Bits[type]) + 7) / 8;
        return bytes <= long.MaxValue ? (long)bytes : null;
    }

    public static void Check(TensorProto tensor, string where, Offences offences)
    {
        if (Fault(tensor) is { } fault) offences.Add(where, $"the tensor '{tensor.Name}' {fault}");
    }

    public static void Check(SparseTensorProto tensor, string where, Offences offences)
    {
        if (tensor.Values is null || tensor.Indices is null)
            offences.Add(where, $"the sparse tensor '{tensor.Values?.Name}' lacks its values or indices");
        else if (Elements(tensor.Dims) is null)
            offences.Add(where, $"the sparse tensor '{tensor.Values.Name}' has the dimensions [{string.Join(", ", tensor.Dims.Take(8))}]");
        foreach (TensorProto part in new[] { tensor.Values, tensor.Indices }.OfType<TensorProto>()) Check(part, where, offences);
    }

    /// <summary>A declaration of an input, output or value between.</summary>
    public static void Check(ValueInfoProto info, string where, Offences offences)
    {
        if (info.Type?.TensorType is not { } type) return;
        if (type.ElemType < 0 || type.ElemType >= Bits.Length)
            offences.Add(where, $"'{info.Name}' is declared with the element type {type.ElemType}, which ONNX has not");
        long[] known = [.. type.Shape?.Dim.Where(dim => dim.HasDimValue && dim.DimValue > 0).Select(dim => dim.DimValue) ?? []];
        if (Elements(known) is not (null or > MostElements)) return;
        string extents = string.Join(", ", known.Take(8));
        offences.Add(where, $"'{info.Name}' is declared with the extents [{extents}], more than any tensor has");
    }

    private static string? Fault(TensorProto tensor)
    {
        int type = tensor.DataType;
        if (type <= 0) return $"has the element type {type}, which ONNX has not";
        if (Elements(tensor.Dims) is not { } count) return $"has the dimensions [{string.Join(", ", tensor.Dims.Take(8))}]";
        if (tensor.DataLocation == TensorProto.Types.DataLocation.External || type >= Bits.Length) return null;
        string what = $"{(Enum.IsDefined((ElementType)type) ? ((ElementType)type).ToString() : $"of type {type}")}[{string.Join(",", tensor.Dims)}]";
        if (Bits[type] > 0 && tensor.HasRawData)
        {
            long? bytes = ByteCount(tensor.Dims, type);
            return tensor.RawData.Length == bytes ? null : $"{what} has {tensor.RawData.Length} bytes; {bytes} were expected";
        }
        (int found, long wanted) = type switch
        {
            (int)ElementType.String => (tensor.StringData.Count, count),
            (int)ElementType.Float => (tensor.FloatData.Count, count),
            (int)ElementType.Complex64 => (tensor.FloatData.Count, 2 * count),
            (int)ElementType.Double => (tensor.DoubleData.Count, count),
            (int)ElementType.Complex128 => (tensor.DoubleData.Count, 2 * count),
            (int)ElementType.Int64 => (tensor.Int64Data.Count, count),
            (int)ElementType.UInt32 or (int)ElementType.UInt64 => (tensor.Uint64Data.Count, count),
            _ when Bits[type] < 8 => (tensor.Int32Data.Count, -1), // writers differ in whether two or one stand in a number
            _ => (tensor.Int32Data.Count, count),
        };
        return found == wanted || wanted < 0 ? null : $"{what} has {found} elements; {wanted} were expected";
    }

    private static long? Elements(IReadOnlyList<long> dims)
    {
        UInt128 count = 1;
        foreach (long dim in dims)
        {
            if (dim < 0) return null;
            count *= (UInt128)dim;
            if (count > long.MaxValue / 16) return null;
        }
        return (long)count;
    }
}
