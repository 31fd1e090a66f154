using GraphRewrite.Artifacts;
using GraphRewrite.Diagnostics;
using GraphRewrite.Serialization;

namespace GraphRewrite.Verification;

/// <summary>The files that a rewrite copies must be byte for byte the same in both folders.</summary>
internal static class CopiedFiles
{
    private const int PartBytes = 1 << 20;

    /// <summary>Compares all files but the training model. One that BEFORE lacks (a checkpoint, say) AFTER must lack too.</summary>
    public static VerificationCheck Compare(string before, string after)
    {
        foreach (string folder in new[] { before, after })
        {
            AtomicFiles.Repair(folder);
            if (Directory.Exists(folder)) continue;
            throw new GraphRewriteException(new Finding("no such folder", "Name a folder of training artifacts") { Place = new() { File = folder } });
        }
        string[] present = [.. ArtifactFiles.BesideTraining.Where(name => Has(before, name) || Has(after, name))];
        IEnumerable<string?> compared = present.Select(name => Difference(name, Path.Combine(before, name), Path.Combine(after, name)));
        return new("the other artifact files are byte for byte the same", [.. compared.OfType<string>()], string.Join(", ", present));
    }

    private static bool Has(string folder, string name) => File.Exists(Path.Combine(folder, name));

    private static string? Difference(string name, string before, string after)
    {
        if (!File.Exists(after)) return $"{name}: missing in AFTER";
        if (!File.Exists(before)) return $"{name}: AFTER has it, BEFORE does not";
        using FileStream b = Open(before), a = Open(after);
        long at = CommonPrefixLength(b, a);
        if (at == b.Length && at == a.Length) return null;
        return $"{name}: {b.Length} bytes in BEFORE, {a.Length} in AFTER, the first difference at byte {at}";
    }

    private static long CommonPrefixLength(Stream one, Stream other)
    {
        byte[] a = new byte[PartBytes], b = new byte[PartBytes];
        for (long at = 0; ; at += PartBytes)
        {
            Span<byte> next = a.AsSpan(0, one.ReadAtLeast(a, PartBytes, throwOnEndOfStream: false));
            int alike = next.CommonPrefixLength(b.AsSpan(0, other.ReadAtLeast(b, PartBytes, throwOnEndOfStream: false)));
            if (alike < PartBytes) return at + alike;
        }
    }

    private static FileStream Open(string path)
    {
        try
        {
            return RegularFile.OpenRead(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new GraphRewriteException(new Finding("cannot be read") { Place = new() { File = path }, Detail = e.Message }, e);
        }
    }
}
