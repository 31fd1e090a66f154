using GraphRewrite.Diagnostics;
using GraphRewrite.Serialization;

namespace TrActOnnx.Tests.Serialization;

/// <summary>What can happen to a program that writes files.</summary>
public enum Fault
{
    /// <summary>One operation fails.</summary>
    Once,

    /// <summary>From one operation on nothing can be created or written; renaming and deleting go on.</summary>
    FullDisk,

    /// <summary>From one operation on nothing is done any more, cleaning up included.</summary>
    Kill,
}

/// <summary>Makes the n-th file operation fail, for every n.</summary>
internal static class FileFaults
{
    /// <summary>
    /// Over a folder with an old set a new one is written, with a fault at each operation in turn. What a reader finds is the old or the new one,
    /// byte for byte: the new one where the writer said that it was done, the old one where it said that it was not. The next that writes leaves
    /// nothing else.
    /// </summary>
    /// <param name="fault">What happens.</param>
    /// <param name="old">Writes the old set into a folder.</param>
    /// <param name="now">Writes the new one there; returns whether it said so.</param>
    /// <param name="read">The folder that is read next; null for the same.</param>
    /// <returns>The number of operations.</returns>
    public static int AtEveryOperation(Fault fault, Action<string> old, Func<string, bool> now, Func<string, string>? read = null)
    {
        using var top = new TemporaryFolder();
        Dictionary<string, byte[]> before = Written(top.File("old"), folder => old(folder));
        Dictionary<string, byte[]> after = Written(top.File("new"), folder => Overwrite(folder, old, now));
        AssertDiffer(before, after);
        for (int at = 1; ; at++)
        {
            string folder = Directory.CreateDirectory(top.File($"{at}")).FullName;
            old(folder);
            (bool isDone, bool hasFailed) = With(fault, at, () => now(folder));
            string when = $"{fault} at operation {at}";
            AtomicFiles.Repair(read?.Invoke(folder) ?? folder);
            Dictionary<string, byte[]> found = Contents(folder);
            Assert.IsFalse(found.Keys.Any(name => name.EndsWith(".tract-journal", StringComparison.Ordinal)), $"{when}: a journal stays");
            bool isOld = AreSame(before, Finished(found)), isNew = AreSame(after, Finished(found));
            Assert.IsTrue(isOld || isNew, $"{when}: a mixture, {string.Join(", ", found.Keys)}");
            if (isDone) Assert.IsTrue(isNew, $"{when}: said to be written");
            else if (fault != Fault.Kill) Assert.IsTrue(isOld, $"{when}: said to be untouched");
            Assert.IsTrue(now(folder), when);
            Assert.IsTrue(AreSame(after, Contents(folder)), $"{when}: {string.Join(", ", Contents(folder).Keys)} after the next");
            Directory.Delete(folder, recursive: true);
            if (!hasFailed) return at - 1;
        }
    }

    /// <summary>Does something with a fault at an operation.</summary>
    /// <returns>Whether it was said to be done, and whether there were as many operations.</returns>
    public static (bool IsDone, bool HasFailed) With(Fault fault, int at, Func<bool> action)
    {
        int operations = 0;
        FileOperations.Before.Value = operation =>
        {
            if (++operations < at) return;
            if (fault == Fault.Kill) throw new GraphRewriteException("killed");
            bool takesRoom = !operation.StartsWith("rename", StringComparison.Ordinal) && !operation.StartsWith("delete", StringComparison.Ordinal);
            if (fault == Fault.Once ? operations == at : takesRoom) throw new IOException("No space left on device");
        };
        try
        {
            return (action(), operations >= at);
        }
        catch (GraphRewriteException)
        {
            return (false, true);
        }
        finally
        {
            FileOperations.Before.Value = null;
        }
    }

    public static Dictionary<string, byte[]> Contents(string folder) => Directory.GetFiles(folder, "*", SearchOption.AllDirectories)
        .ToDictionary(file => Path.GetRelativePath(folder, file), File.ReadAllBytes);

    private static Dictionary<string, byte[]> Written(string folder, Action<string> write)
    {
        Directory.CreateDirectory(folder);
        write(folder);
        return Contents(folder);
    }

    private static void Overwrite(string folder, Action<string> old, Func<string, bool> now)
    {
        old(folder);
        Assert.IsTrue(now(folder));
    }

    private static Dictionary<string, byte[]> Finished(Dictionary<string, byte[]> files) =>
        files.Where(file => !file.Key.Contains(".tract-", StringComparison.Ordinal)).ToDictionary();

    private static bool AreSame(Dictionary<string, byte[]> one, Dictionary<string, byte[]> other) =>
        one.Count == other.Count && one.All(file => other.TryGetValue(file.Key, out byte[]? bytes) && bytes.AsSpan().SequenceEqual(file.Value));

    /// <summary>A mixture of two sets would be taken for one of them where a file is the same in both.</summary>
    private static void AssertDiffer(Dictionary<string, byte[]> before, Dictionary<string, byte[]> after)
    {
        foreach ((string name, byte[] bytes) in before)
            Assert.IsFalse(after.TryGetValue(name, out byte[]? now) && now.AsSpan().SequenceEqual(bytes), $"{name} is the same in both sets");
    }
}
