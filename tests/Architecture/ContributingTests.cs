using System.Text.RegularExpressions;

namespace TrActOnnx.Tests.Architecture;

/// <summary>CONTRIBUTING.md leads to files that are there, and shows the floors as they are.</summary>
[TestClass]
public sealed partial class ContributingTests
{
    private static readonly string Text = File.ReadAllText(Path.Combine(Sources.Root, "CONTRIBUTING.md"));

    public static IEnumerable<object[]> Projects => [["GraphRewrite"], ["TrainingHost"]];

    [TestMethod]
    public void EveryPathExists()
    {
        string[] paths = [.. CodeSpan().Matches(Text).Select(match => match.Groups["path"].Value).Distinct(StringComparer.Ordinal)];
        Assert.IsGreaterThan(25, paths.Length, "paths are found");
        string[] missing = [.. paths.Where(path => !Path.Exists(Path.Combine(Sources.Root, path)))];
        Assert.IsEmpty(missing, string.Join(", ", missing));
    }

    [TestMethod]
    [DynamicData(nameof(Projects))]
    public void TheFloorsAreThoseOfTheTest(string project)
    {
        string picture = Text[Text.IndexOf($"`{project}`, the ", StringComparison.Ordinal)..].Split("```")[1];
        string[] shown = [.. picture.Split('\n').Where(line => line.Contains('│', StringComparison.Ordinal))
            .Select(line => string.Join(' ', line.Split('│')[0].Split('·').Select(name => name.Trim())))];
        string[] tested = [.. LayeringTests.TableOf(project).Split('\n')
            .Select(line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries)))];
        CollectionAssert.AreEqual(tested, shown);
    }

    /// <summary>A path of the tree in code marks, with an argument or not: `tools/check-width.sh 150`.</summary>
    [GeneratedRegex(@"`(?<path>(GraphRewrite|TrainingHost|tests|tools|docs|models|\.ci)/[\w./-]*)[^`\n]*`")]
    private static partial Regex CodeSpan();
}
