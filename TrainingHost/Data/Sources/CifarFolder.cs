using GraphRewrite.Diagnostics;
using TrainingHost.Data.Images;

namespace TrainingHost.Data.Sources;

/// <summary>
/// CIFAR in its binary version. CIFAR-10: data_batch_1.bin … data_batch_5.bin and test_batch.bin, a record being the label and 3,072 bytes (three
/// planes of 32 x 32); CIFAR-100: train.bin and test.bin with two labels before the image, coarse and fine, of which the fine one counts.
/// </summary>
internal static class CifarFolder
{
    private static readonly ImageSize Size = new(3, 32, 32);
    private const int Pixels = 3 * 32 * 32;

    private static readonly Layout Ten = new(
        "cifar-10-batches-bin",
        "data_batch_1.bin",
        [.. Enumerable.Range(1, 5).Select(i => $"data_batch_{i}.bin")],
        "test_batch.bin",
        "batches.meta.txt",
        1);

    private static readonly Layout Hundred = new("cifar-100-binary", "train.bin", ["train.bin"], "test.bin", "fine_label_names.txt", 2);

    /// <summary>Whether a folder, or the one that its archive unpacks to in it, holds CIFAR.</summary>
    public static bool Is(string folder) => Find(folder) is not null || IsPickled(folder);

    public static DataParts Read(string folder)
    {
        if (Find(folder) is not (string found, Layout layout))
            throw new GraphRewriteException($"{folder}: holds CIFAR as Python objects. Give its binary version (cifar-10-binary.tar.gz), unpacked");
        IReadOnlyList<string>? classes = ClassList.Read(Path.Combine(found, layout.Names));
        string[] training = [.. layout.Training.Select(file => Path.Combine(found, file)).Where(File.Exists)];
        string test = Path.Combine(found, layout.Test);
        return new(Part($"{folder}/train", training), null, File.Exists(test) ? Part($"{folder}/test", [test]) : null);

        Examples Part(string name, string[] files) => Records(name, files, layout.Labels, classes);
    }

    private static (string Folder, Layout Layout)? Find(string folder)
    {
        foreach (Layout layout in new[] { Ten, Hundred })
        {
            foreach (string candidate in new[] { folder, Path.Combine(folder, layout.Folder) })
                if (File.Exists(Path.Combine(candidate, layout.Mark))) return (candidate, layout);
        }
        return null;
    }

    private static bool IsPickled(string folder) => File.Exists(Path.Combine(folder, "data_batch_1"))
        || (File.Exists(Path.Combine(folder, "train")) && File.Exists(Path.Combine(folder, "meta")));

    private static Examples Records(string name, string[] files, int labelBytes, IReadOnlyList<string>? classes)
    {
        int record = labelBytes + Pixels;
        byte[][] contents = [.. files.Select(file => Contents(file, record))];
        int count = contents.Sum(bytes => bytes.Length / record), at = 0;
        var planes = new byte[checked((long)count * Pixels)];
        var labels = new long[count];
        foreach (byte[] bytes in contents)
        {
            for (int start = 0; start < bytes.Length; start += record, at++)
            {
                labels[at] = bytes[start + labelBytes - 1];
                bytes.AsSpan(start + labelBytes, Pixels).CopyTo(planes.AsSpan(at * Pixels));
            }
        }
        return new(name, new ImageInputs(ByteImages.OfPlanes(name, planes, Size)), new(new(name, [], null, labels), classes));
    }

    private static byte[] Contents(string file, int record)
    {
        try
        {
            byte[] bytes = File.ReadAllBytes(file);
            return bytes.Length > 0 && bytes.Length % record == 0 ? bytes : throw new GraphRewriteException(
                $"{file}: {bytes.Length} bytes are no whole records of {record} (labels and a 3 x 32 x 32 image). Download the file again");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new GraphRewriteException($"{file}: cannot be read ({error.Message})", error);
        }
    }

    /// <summary>File names of one of the two sets.</summary>
    /// <param name="Folder">What its archive unpacks to.</param>
    /// <param name="Mark">The file that tells it.</param>
    /// <param name="Training">Training files.</param>
    /// <param name="Test">The test file.</param>
    /// <param name="Names">The file of class names.</param>
    /// <param name="Labels">Bytes of labels before an image; the last one counts.</param>
    private sealed record Layout(string Folder, string Mark, string[] Training, string Test, string Names, int Labels);
}
