using System.Text.Json.Nodes;

namespace TrActOnnx.Tests.Runs;

/// <summary>Two runs are the same: every file to the byte, but for times and for the folder's own name.</summary>
internal static class RunComparison
{
    public static void AreEqual(string expected, string actual, string message)
    {
        string[] names = FilesOf(expected);
        CollectionAssert.AreEqual(names, FilesOf(actual), $"{message}: files");
        foreach (string name in names)
        {
            (string one, string other) = (Path.Combine(expected, name), Path.Combine(actual, name));
            switch (Path.GetExtension(name))
            {
                case ".csv":
                    CollectionAssert.AreEqual(WithoutTimes(one), WithoutTimes(other), $"{message}: {name}");
                    break;
                case ".jsonl":
                    CollectionAssert.AreEqual(Rows(one), Rows(other), $"{message}: {name}");
                    break;
                case ".tract":
                    Assert.AreEqual(new FileInfo(one).Length, new FileInfo(other).Length, $"{message}: {name}");
                    break;
                case ".html" or ".json": // hold times, and the folder's name
                    break;
                default:
                    Assert.IsTrue(File.ReadAllBytes(one).AsSpan().SequenceEqual(File.ReadAllBytes(other)), $"{message}: {name} differs");
                    break;
            }
        }
    }

    private static string[] FilesOf(string run) => [.. Directory.GetFiles(run, "*", SearchOption.AllDirectories)
        .Select(file => Path.GetRelativePath(run, file)).Order(StringComparer.Ordinal)];

    private static string[] WithoutTimes(string csv) => [.. File.ReadLines(csv).Select(line => string.Join(',', line.Split(',').SkipLast(2)))];

    private static string[] Rows(string lines) => [.. File.ReadLines(lines).Select(line =>
    {
        JsonObject row = JsonNode.Parse(line)!.AsObject();
        Assert.IsTrue(row.Remove("seconds"));
        return row.ToJsonString();
    })];
}
