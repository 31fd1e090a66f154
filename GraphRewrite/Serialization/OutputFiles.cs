using Google.Protobuf;
using GraphRewrite.Diagnostics;
using GraphRewrite.Serialization.Protos;
using GraphRewrite.Serialization.Validation;

namespace GraphRewrite.Serialization;

/// <summary>
/// What holds of every output: it replaces files only, and none that the same work reads; a link's target is written, aside and renamed.
/// </summary>
public static class OutputFiles
{
    /// <summary>Writes a file: aside, in the folder of the file that the path leads to, and renamed.</summary>
    /// <param name="path">The file, or a link to it.</param>
    /// <param name="write">Writes its contents.</param>
    /// <exception cref="GraphRewriteException">The path leads to a folder, a device or a pipe, or cannot be written.</exception>
    public static void Write(string path, Action<Stream> write) => Stage.Writing.During(() =>
    {
        using var files = AtomicFiles.Beside(path);
        files.Write(path, write);
        files.Commit();
    });

    /// <summary>Refuses an output that is no file, or that is one of the inputs under whatever name.</summary>
    /// <param name="output">The file that is to be written.</param>
    /// <param name="inputs">The files that are read; of an .onnx its external data is among them.</param>
    /// <exception cref="GraphRewriteException">The output is a folder, a device, a pipe, or an input.</exception>
    public static void CheckFile(string output, IEnumerable<string> inputs)
    {
        if (FileIdentity.Of(output) is not { } found) return;
        if (Refusal(output, found.Kind) is { } refusal) throw refusal;
        foreach (string input in inputs.SelectMany(input => External(input, output).Prepend(input)))
        {
            if (FileIdentity.Of(input) != found) continue;
            string what = input == output ? "is read by the same command" : $"is '{input}', which the same command reads";
            throw new GraphRewriteException(new Finding((Phrase)what, "Give another file for the output") { Place = new() { File = output } });
        }
    }

    /// <summary>Refuses an output that is no folder, or the folder that an input lies in, under whatever name.</summary>
    /// <param name="output">The folder that is to be written to.</param>
    /// <param name="inputs">Files and folders that are read.</param>
    /// <exception cref="GraphRewriteException">The output is a file, a device or a pipe, or holds an input.</exception>
    public static void CheckFolder(string output, IEnumerable<string> inputs)
    {
        if (FileIdentity.Of(output) is not { } found) return;
        if (found.Kind == FileKind.File) throw Refuse(output, "is a file", "Give a folder");
        if (found.Kind != FileKind.Folder) throw Refusal(output, found.Kind)!;
        foreach (string input in inputs)
        {
            string folder = Directory.Exists(input) ? input : Path.GetDirectoryName(Path.GetFullPath(input))!;
            if (FileIdentity.Of(folder) != found) continue;
            throw Refuse(output, "is the folder that was read", "Give another for the output, so that the originals stay");
        }
    }

    /// <summary>The file behind a path, links followed; it need not be there yet.</summary>
    /// <exception cref="GraphRewriteException">The path leads to a folder, a device or a pipe.</exception>
    internal static string Target(string path)
    {
        if (FileIdentity.Of(path) is { } found && Refusal(path, found.Kind) is { } refusal) throw refusal;
        return new FileInfo(path) is { LinkTarget: not null } link ? link.ResolveLinkTarget(returnFinalTarget: true)!.FullName : path;
    }

    private static GraphRewriteException? Refusal(string path, FileKind kind) => kind switch
    {
        FileKind.Folder => Refuse(path, "is a folder", "Give a file"),
        FileKind.Device => Refuse(path, "is a device, which no output replaces", "Give a file"),
        FileKind.Pipe => Refuse(path, "is a pipe, which no output replaces", "Give a file"),
        FileKind.Socket => Refuse(path, "is a socket, which no output replaces", "Give a file"),
        _ => null,
    };

    private static GraphRewriteException Refuse(string path, Phrase found, Phrase remedy) =>
        new(new Finding(found, remedy) { Place = new() { File = path } });

    /// <summary>Files beside a model that hold its data, where the output could be one of them: those lie below the model's folder.</summary>
    private static IEnumerable<string> External(string model, string output)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(model))!;
        if (!model.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase) || !File.Exists(model) || !Above(folder, output)) return [];
        try
        {
            using FileStream file = RegularFile.OpenRead(model);
            var proto = ModelProto.Parser.ParseFrom(file);
            return [.. StoredTensors.In(proto).Where(ExternalPlace.IsExternal)
                .Select(tensor => Path.Combine(folder, ExternalPlace.Of(tensor).Location)).Distinct()];
        }
        catch (Exception e) when (e is GraphRewriteException or InvalidProtocolBufferException or IOException or UnauthorizedAccessException)
        {
            return []; // whoever reads it says so
        }
    }

    private static bool Above(string folder, string file)
    {
        FileIdentity? top = FileIdentity.Of(folder);
        for (string? at = Path.GetDirectoryName(Path.GetFullPath(file)); at is not null; at = Path.GetDirectoryName(at))
            if (FileIdentity.Of(at) == top) return true;
        return false;
    }
}
