using GraphRewrite.Diagnostics;
using GraphRewrite.Serialization.Protos;

namespace GraphRewrite.Serialization;

/// <summary>The files beside a model that hold the data of its large tensors. Every place is read once.</summary>
internal sealed class ExternalData(string modelPath)
{
    private readonly string folder = Path.GetDirectoryName(Path.GetFullPath(modelPath))!;
    private readonly Dictionary<ExternalPlace, ReadOnlyMemory<byte>> contents = [];

    /// <summary>For messages whose tensors all hold their data.</summary>
    public static ExternalData None { get; } = new(".");

    /// <summary>What was read so far.</summary>
    public IReadOnlyDictionary<ExternalPlace, ReadOnlyMemory<byte>> Contents => contents;

    /// <summary>The bytes that a tensor's location, offset and length name.</summary>
    /// <exception cref="GraphRewriteException">The file is missing, too short, a link, or outside the model's folder.</exception>
    public ReadOnlyMemory<byte> Read(TensorProto tensor)
    {
        var place = ExternalPlace.Of(tensor);
        if (contents.TryGetValue(place, out ReadOnlyMemory<byte> known)) return known;
        string where = $"the external data file '{place.Location}' of the tensor '{tensor.Name}'";
        string path = Resolve(place.Location, where);
        try
        {
            using FileStream file = File.OpenRead(path);
            long count = place.Length ?? file.Length - place.Offset;
            if (count < 0 || place.Offset > file.Length || count > file.Length - place.Offset)
            {
                string wanted = place.Length is { } length ? $"{place.Offset} on for {length}" : $"{place.Offset}";
                throw Refused($"{where} is too short: {file.Length} bytes, read from {wanted}", "Was it copied completely?");
            }
            if (count > Array.MaxLength) throw Refused($"{where}: {count} bytes in one tensor", $"At most {Array.MaxLength} are understood");
            file.Position = place.Offset;
            var bytes = new byte[count];
            file.ReadExactly(bytes);
            return contents[place] = bytes;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw Refused($"{where} is missing", "Keep it beside the model", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new GraphRewriteException(new Finding($"{where} cannot be read") { Detail = e.Message }, e);
        }
    }

    private static GraphRewriteException Refused(Phrase found, Phrase remedy, Exception? cause = null) => new(new Finding(found, remedy), cause);

    /// <summary>A full path inside the model's folder, reached through no link: a model must not make a program read another's files.</summary>
    private string Resolve(string location, string where)
    {
        string path = location.Contains('\0', StringComparison.Ordinal) ? folder : Path.GetFullPath(Path.Combine(folder, location));
        string root = Path.EndsInDirectorySeparator(folder) ? folder : folder + Path.DirectorySeparatorChar;
        if (!path.StartsWith(root, StringComparison.Ordinal))
            throw Refused($"{where} is outside the model's folder", "Put it there and correct the location");
        for (string part = path; part.Length > folder.Length; part = Path.GetDirectoryName(part)!)
        {
            if (new FileInfo(part).LinkTarget is not null)
            {
                string link = Path.GetRelativePath(folder, part);
                throw Refused($"{where} is reached through a symbolic link ('{link}'), which could lead anywhere", "Put the file itself there");
            }
        }
        return path;
    }
}
