using System.Globalization;
using GraphRewrite.Diagnostics;
using GraphRewrite.Protos;

namespace GraphRewrite.Serialization;

/// <summary>The files beside a model that hold the data of its large tensors.</summary>
internal sealed class ExternalData(string modelPath)
{
    private readonly string folder = Path.GetDirectoryName(Path.GetFullPath(modelPath))!;

    /// <summary>The bytes that a tensor's location, offset and length name.</summary>
    public byte[] Read(TensorProto tensor)
    {
        (string location, long offset, long? length) = Place(tensor);
        string path = Path.GetFullPath(Path.Combine(folder, location));
        if (!path.StartsWith(folder + Path.DirectorySeparatorChar, StringComparison.Ordinal))
            throw new GraphRewriteException($"{modelPath}: the tensor '{tensor.Name}' points outside the model's folder ('{location}').");
        try
        {
            using FileStream file = File.OpenRead(path);
            long count = length ?? file.Length - offset;
            if (offset < 0 || count < 0 || offset + count > file.Length)
                throw new GraphRewriteException($"{modelPath}: the external data file '{location}' is too short for the tensor '{tensor.Name}'.");
            file.Position = offset;
            var bytes = new byte[checked((int)count)];
            file.ReadExactly(bytes);
            return bytes;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new GraphRewriteException($"{modelPath}: the external data file '{location}' of the tensor '{tensor.Name}' is missing; keep it beside the model.", e);
        }
    }

    /// <summary>Where a tensor's bytes are: file relative to the model, offset in bytes, length in bytes or null for all the rest.</summary>
    public static (string Location, long Offset, long? Length) Place(TensorProto tensor)
    {
        string? Entry(string key) => tensor.ExternalData.FirstOrDefault(entry => entry.Key == key)?.Value;
        long? Number(string key) => Entry(key) is not { } text ? null
            : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number
            : throw new GraphRewriteException($"The tensor '{tensor.Name}' has external data with the {key} '{text}'; a number was expected.");
        string location = Entry("location") ?? throw new GraphRewriteException($"The tensor '{tensor.Name}' has external data without a location.");
        return (location, Number("offset") ?? 0, Number("length"));
    }
}
