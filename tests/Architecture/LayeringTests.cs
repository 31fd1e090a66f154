using System.Text.RegularExpressions;

namespace TrActOnnx.Tests.Architecture;

/// <summary>Folders are namespaces, namespaces stand on floors, and a namespace uses only its own floor and those below.</summary>
[TestClass]
public sealed partial class LayeringTests
{
    /// <summary>THE table of floors, the highest first.</summary>
    private static readonly Dictionary<string, string> Tables = new()
    {
        ["GraphRewrite"] = """
            Forward    Verification
            Artifacts
            StepGraphs Optimizers
            Gradients  Losses  TrAct  Lowering
            Kernels    Kernels.Conv  Kernels.MaxPool  Kernels.Gram  Kernels.Solve    NormalForm  NormalForm.Expansions  NormalForm.Fusions    Rules
            Serialization  Serialization.Validation  Serialization.Protos
            Passes     Passes.Contracts  Opsets
            IR.Building
            IR.Shapes
            IR.Windows
            IR
            Diagnostics  Randomness
            """,
        ["TrainingHost"] = """
            Commands
            Runs     Traces  Benchmarks
            Models
            Runtime  Data    Reporting
            Data.Sources
            Data.Augmentations
            Data.Images
            Settings
            """,
    };

    /// <summary>The floors of a project as CONTRIBUTING.md shows them must be these.</summary>
    internal static string TableOf(string project) => Tables[project];

    private static readonly Dictionary<string, NamespaceArrows> Read = new[]
    {
        typeof(GraphRewrite.IR.Graph).Assembly,
        typeof(TrainingHost.Commands.CommandLine).Assembly,
    }.ToDictionary(assembly => assembly.GetName().Name!, NamespaceArrows.Of);

    public static IEnumerable<object[]> Projects => Tables.Keys.Select(project => new object[] { project });

    [TestMethod]
    [DynamicData(nameof(Projects))]
    public void EveryNamespaceHasAFloor(string project) => CollectionAssert.AreEquivalent(
        Read[project].Namespaces.Order(StringComparer.Ordinal).ToArray(),
        new Floors(Tables[project]).Namespaces.Order(StringComparer.Ordinal).ToArray(),
        $"The namespaces of {project} and its table of floors differ.");

    [TestMethod]
    [DynamicData(nameof(Projects))]
    public void NoArrowLeadsUp(string project)
    {
        Arrow[] up = [.. new Floors(Tables[project]).Up(Read[project].Uses.Keys)];
        Assert.IsEmpty(up, Described(project, up));
    }

    [TestMethod]
    [DynamicData(nameof(Projects))]
    public void NoNamespacesUseEachOtherInARing(string project)
    {
        IReadOnlyList<Arrow> rings = Floors.InRings(Read[project].Uses.Keys);
        Assert.IsEmpty(rings, Described(project, rings));
    }

    /// <summary>What a file looks like is known where files are read and written, and nowhere else.</summary>
    [TestMethod]
    public void OnlySerializationUsesProtobufMessages()
    {
        Arrow[] others =
        [
            .. Read["GraphRewrite"].Uses.Keys
                .Where(arrow => arrow is { To: "Serialization.Protos", From: not ("Serialization" or "Serialization.Validation") }),
        ];
        Assert.IsEmpty(others, Described("GraphRewrite", others));
    }

    /// <summary>The checks above see what they are for: on a table that stands on its head nearly all arrows lead up.</summary>
    [TestMethod]
    [DynamicData(nameof(Projects))]
    public void AWrongTableIsNoticed(string project)
    {
        string upsideDown = string.Join('\n', Tables[project].Split('\n').Reverse());
        Arrow[] up = [.. new Floors(upsideDown).Up(Read[project].Uses.Keys)];
        (Arrow arrow, string user) = project == "GraphRewrite"
            ? (new Arrow("Lowering", "IR"), "LoweringPipeline") : (new Arrow("Commands", "Runs"), "TrainCommand");
        Assert.Contains(arrow, up);
        StringAssert.Contains(Described(project, up), $"{user} → ", StringComparison.Ordinal);
    }

    /// <summary>Lambdas count too: the rules' tables name their rules in nothing else.</summary>
    [TestMethod]
    public void ArrowsOfLambdasAreRead() => Assert.Contains("LoweringPipeline → UpgradeOpset", Read["GraphRewrite"].Uses[new("Lowering", "Opsets")]);

    [TestMethod]
    public void ARingIsNoticed()
    {
        Arrow[] arrows = [new("A", "B"), new("B", "C"), new("C", "A"), new("C", "D"), new("E", "A")];
        CollectionAssert.AreEqual(arrows[..3], Floors.InRings(arrows).ToArray());
    }

    [TestMethod]
    [DataRow("GraphRewrite", "GraphRewrite")]
    [DataRow("TrainingHost", "TrainingHost")]
    [DataRow("tests", "TrActOnnx.Tests")]
    public void AFoldersNameIsItsNamespace(string project, string root)
    {
        IReadOnlyList<SourceFile> files = Sources.Of(project);
        Assert.IsGreaterThan(40, files.Count);
        string[] wrong =
        [
            .. from file in files
               where file.Path != "TrainingHost/Program.cs"
               let expected = file.Folder.Length == 0 ? root : $"{root}.{file.Folder.Replace('/', '.')}"
               let found = NamespaceLine().Match(file.Text).Groups["namespace"].Value
               where found != expected
               select $"{file.Path}: namespace {found}, its folder says {expected}",
        ];
        Assert.IsEmpty(wrong, string.Join('\n', wrong));
    }

    private static string Described(string project, IEnumerable<Arrow> arrows) => string.Concat(
        arrows.OrderBy(arrow => arrow.ToString(), StringComparer.Ordinal)
            .Select(arrow => $"\n{project}: {arrow}: {string.Join(", ", Read[project].Uses[arrow])}."));

    [GeneratedRegex(@"^namespace (?<namespace>[\w.]+);", RegexOptions.Multiline)]
    private static partial Regex NamespaceLine();
}
