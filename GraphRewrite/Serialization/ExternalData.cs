using GraphRewrite.Diagnostics;
using GraphRewrite.Serialization.Protos;
using GraphRewrite.Serialization.Validation;

namespace GraphRewrite.Serialization;

/// <summary>
/// The files beside a model that hold the data of its large tensors. Each byte is read once, however many tensors share it: ranges that overlap are
/// one.
/// </summary>
internal sealed class ExternalData(string modelPath)
{
    private readonly string folder = Path.GetDirectoryName(Path.GetFullPath(modelPath))!;
    private readonly Dictionary<ExternalPlace, ReadOnlyMemory<byte>> contents = [];

    /// <summary>For messages whose tensors all hold their data.</summary>
    public static ExternalData None { get; } = new(".");

    /// <summary>What was read, by the places that tensors name.</summary>
    public IReadOnlyDictionary<ExternalPlace, ReadOnlyMemory<byte>> Contents => contents;

    /// <summary>The bytes that a tensor's location, offset and length name; they were loaded before.</summary>
    public ReadOnlyMemory<byte> Of(TensorProto tensor) => contents[ExternalPlace.Of(tensor)];

    /// <summary>Reads what the tensors name.</summary>
    /// <exception cref="GraphRewriteException">A file is missing, too short, a link, no file, or outside the model's folder.</exception>
    public void Load(IEnumerable<TensorProto> tensors)
    {
        foreach (IGrouping<string, (ExternalPlace Place, TensorProto Tensor)> file in tensors
            .Select(tensor => (Place: ExternalPlace.Of(tensor), Tensor: tensor)).GroupBy(pair => pair.Place.Location))
        {
            Load(file.Key, [.. file]);
        }
    }

    private void Load(string location, IReadOnlyList<(ExternalPlace Place, TensorProto Tensor)> places)
    {
        string where = Where(location, places[0].Tensor.Name), path = Resolve(location, where);
        try
        {
            using FileStream file = RegularFile.OpenRead(path);
            var ranges = new List<(long Start, long End, ExternalPlace Place)>();
            foreach ((ExternalPlace place, TensorProto tensor) in places) ranges.Add((place.Offset, End(place, file.Length, tensor), place));
            foreach (IReadOnlyList<(long Start, long End, ExternalPlace Place)> shared in Overlapping(ranges)) Read(file, shared);
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

    private static string Where(string location, string tensor) => $"the external data file '{location}' of the tensor '{tensor}'";

    /// <summary>
    /// Where a place ends, which the file must reach. It has as many bytes as the tensor declares, so that reading it is within the limits.
    /// </summary>
    private static long End(ExternalPlace place, long length, TensorProto tensor)
    {
        string where = Where(place.Location, tensor.Name);
        long count = place.Length ?? length - place.Offset;
        if (count < 0 || place.Offset > length || count > length - place.Offset)
        {
            string wanted = place.Length is { } asked ? $"{place.Offset} on for {asked}" : $"{place.Offset}";
            throw Refused($"{where} is too short: {length} bytes, read from {wanted}", "Was it copied completely?");
        }
        if (count > Array.MaxLength) throw Refused($"{where}: {count} bytes in one tensor", $"At most {Array.MaxLength} are understood");
        if (TensorRules.ByteCount(tensor.Dims, tensor.DataType) is { } declared && declared != count)
        {
            string dims = string.Join(", ", tensor.Dims);
            throw Refused($"{where}: {count} bytes for the dimensions [{dims}]; {declared} were expected", "Was it copied completely?");
        }
        return place.Offset + count;
    }

    /// <summary>Ranges that share bytes, together, as far as one array holds them.</summary>
    private static IEnumerable<IReadOnlyList<(long Start, long End, ExternalPlace Place)>> Overlapping(
        IEnumerable<(long Start, long End, ExternalPlace Place)> ranges)
    {
        var group = new List<(long Start, long End, ExternalPlace Place)>();
        long end = 0;
        foreach ((long Start, long End, ExternalPlace Place) range in ranges.OrderBy(range => range.Start).ThenByDescending(range => range.End))
        {
            if (group.Count > 0 && (range.Start >= end || range.End - group[0].Start > Array.MaxLength))
            {
                yield return group;
                group = [];
            }
            end = group.Count == 0 ? range.End : Math.Max(end, range.End);
            group.Add(range);
        }
        if (group.Count > 0) yield return group;
    }

    private void Read(FileStream file, IReadOnlyList<(long Start, long End, ExternalPlace Place)> ranges)
    {
        long start = ranges[0].Start;
        var bytes = new byte[ranges.Max(range => range.End) - start];
        file.Position = start;
        file.ReadExactly(bytes);
        foreach ((long from, long to, ExternalPlace place) in ranges) contents[place] = bytes.AsMemory((int)(from - start), (int)(to - from));
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
