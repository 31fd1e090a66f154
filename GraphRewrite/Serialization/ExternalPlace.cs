using System.Globalization;
using GraphRewrite.Diagnostics;
using GraphRewrite.Serialization.Protos;

namespace GraphRewrite.Serialization;

/// <summary>Where a tensor's bytes are.</summary>
/// <param name="Location">The file, relative to the model's folder.</param>
/// <param name="Offset">In bytes.</param>
/// <param name="Length">In bytes; null for all the rest.</param>
internal readonly record struct ExternalPlace(string Location, long Offset, long? Length)
{
    public static bool IsExternal(TensorProto tensor) => tensor.DataLocation == TensorProto.Types.DataLocation.External;

    /// <exception cref="GraphRewriteException">The tensor names no file, or an offset or length that is no number.</exception>
    public static ExternalPlace Of(TensorProto tensor)
    {
        string location = Entry(tensor, "location")
            ?? throw new GraphRewriteException($"the tensor '{tensor.Name}' has external data without a location");
        return new(location, Number(tensor, "offset") ?? 0, Number(tensor, "length"));
    }

    /// <summary>Makes a tensor's data external.</summary>
    public void WriteTo(TensorProto tensor)
    {
        tensor.DataLocation = TensorProto.Types.DataLocation.External;
        tensor.ExternalData.Add(new StringStringEntryProto { Key = "location", Value = Location });
        tensor.ExternalData.Add(new StringStringEntryProto { Key = "offset", Value = Offset.ToString(CultureInfo.InvariantCulture) });
        if (Length is { } length)
            tensor.ExternalData.Add(new StringStringEntryProto { Key = "length", Value = length.ToString(CultureInfo.InvariantCulture) });
    }

    private static string? Entry(TensorProto tensor, string key) => tensor.ExternalData.FirstOrDefault(entry => entry.Key == key)?.Value;

    private static long? Number(TensorProto tensor, string key) => Entry(tensor, key) is not { } text ? null
        : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number
        : throw new GraphRewriteException(new Finding(
            $"the tensor '{tensor.Name}' has external data with the {key} '{text}'", "A number, 0 or above, was expected"));
}
