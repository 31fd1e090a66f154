using GraphRewrite.Diagnostics;
using GraphRewrite.IR;
using GraphRewrite.Serialization;

namespace GraphRewrite.Artifacts;

/// <summary>
/// The <c>checkpoint</c> file of ONNX Runtime Training 1.19.2 (FlatBuffers, identifier <c>ODTC</c>, schema in
/// <c>checkpoint.fbs</c>): parameters, optimizer state, properties. All orders are the file's: the generator lists
/// parameters in the model's order, the runtime (after training) by name. What exceeds that format's 2 GiB is a file of safetensors instead.
/// </summary>
public sealed class Checkpoint
{
    /// <summary>The format's version that 1.19.2 writes; it reads 1 as well.</summary>
    internal const int CurrentVersion = 2;

    /// <summary>The version of the format that the file was read in, or is written in.</summary>
    public int Version { get; init; } = CurrentVersion;

    /// <summary>Whether the parameters are names and types only, to be filled from elsewhere. 1.19.2 does not train from such a file alone.</summary>
    public bool IsNominal { get; init; }

    /// <summary>Parameters that are trained, by name.</summary>
    public OrderedDictionary<string, Tensor> Trainable { get; } = [];

    /// <summary>Parameters that are not, running statistics of BatchNormalization among them.</summary>
    public OrderedDictionary<string, Tensor> Frozen { get; } = [];

    /// <summary>Optimizer state; empty before the first step.</summary>
    public IList<OptimizerGroup> OptimizerGroups { get; } = [];

    /// <summary>Numbers and texts that go along with the parameters; a run of this program hands them on as they are.</summary>
    public CheckpointProperties Properties { get; } = new();

    /// <summary>Reads a checkpoint whole, its tensors included.</summary>
    /// <exception cref="GraphRewriteException">The file is missing, damaged, no checkpoint, or keeps its parameters in another file.</exception>
    public static Checkpoint Read(string path)
    {
        try
        {
            using FileStream file = RegularFile.OpenRead(path);
            Span<byte> beginning = stackalloc byte[9];
            bool isLarge = SafetensorsCheckpoint.IsOne(beginning[..file.ReadAtLeast(beginning, beginning.Length, throwOnEndOfStream: false)]);
            file.Position = 0;
            return isLarge ? SafetensorsCheckpoint.Read(file, path) : Parse(RegularFile.ReadAllBytes(file), path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new GraphRewriteException(new Finding("no such file") { Place = new() { File = path } }, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new GraphRewriteException(new Finding("cannot be read") { Place = new() { File = path }, Detail = e.Message }, e);
        }
    }

    /// <summary>Writes the file, in place of one that is there; it is whole at every moment.</summary>
    /// <exception cref="GraphRewriteException">The file cannot be written.</exception>
    public void Write(string path)
    {
        using var files = AtomicFiles.Beside(path);
        Write(files, path);
        files.Commit();
    }

    /// <summary>Writes the file among several that belong together.</summary>
    /// <param name="files">The set, which the caller commits.</param>
    /// <param name="paths">The file, under as many names as are wanted.</param>
    /// <exception cref="GraphRewriteException">The file cannot be written.</exception>
    public void Write(AtomicFiles files, params IReadOnlyList<string> paths) => Write(files, paths, CheckpointSize.Limit);

    internal void Write(AtomicFiles files, IReadOnlyList<string> paths, long limit)
    {
        Action<Checkpoint, Stream> write = CheckpointSize.Of(this).Total > limit ? SafetensorsCheckpoint.Write : CheckpointWriter.Write;
        foreach (string path in paths) files.Write(path, stream => write(this, stream));
    }

    /// <summary>The contents of a file of either format.</summary>
    internal static Checkpoint Parse(ReadOnlyMemory<byte> bytes, string path)
    {
        if (!SafetensorsCheckpoint.IsOne(bytes.Span)) return CheckpointReader.Read(new FlatBuffer(bytes, path));
        using var stream = new MemoryStream(bytes.ToArray());
        return SafetensorsCheckpoint.Read(stream, path);
    }
}
