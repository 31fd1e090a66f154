using TrainingHost.Commands;

namespace TrActOnnx.Tests.Commands;

/// <summary>
/// --help of the program and of every verb is word for word what Expected/VERB.help.txt holds: options, defaults and texts are a promise.
/// </summary>
[TestClass]
public sealed class HelpTests
{
    private const string Program = "TrainingHost";

    /// <summary>Set to anything, it writes the files anew instead of comparing.</summary>
    private const string Renew = "TRACT_RENEW_HELP";

    private static readonly string Expected = Path.Combine(TestData.Root, "Commands", "Expected");

    /// <summary>The program, and the verbs that its own help lists.</summary>
    public static IEnumerable<object[]> Verbs =>
        from verb in Help([]).Split("Commands:\n")[1].Split("\n\n")[0].Split('\n').Select(line => line.Trim().Split(' ')[0]).Prepend(Program)
        where verb.Length > 0
        select new object[] { verb };

    [TestMethod]
    [DynamicData(nameof(Verbs))]
    public void IsAsExpected(string verb)
    {
        string file = Path.Combine(Expected, $"{verb}.help.txt"), help = Help(verb == Program ? [] : [verb]);
        if (Environment.GetEnvironmentVariable(Renew) is not null) File.WriteAllText(file, help);
        string expected = File.Exists(file) ? File.ReadAllText(file) : "(no such file)";
        if (help == expected) return;
        (string now, string before) = help.Split('\n').Zip(expected.Split('\n')).First(pair => pair.First != pair.Second);
        Assert.Fail(
            $"The help of '{verb}' is no longer {file}. Its first other line is now\n{now}\nand was\n{before}\n"
            + $"Where that is wanted, {Renew}=1 dotnet test tests -c Release --filter {nameof(HelpTests)} writes the files anew.");
    }

    /// <summary>docs/commands.md is what the program itself says, verb by verb.</summary>
    [TestMethod]
    public void DocumentIsUpToDate()
    {
        string file = Path.Combine(TestData.Root, "..", "docs", "commands.md");
        IEnumerable<string> verbs = from verb in Verbs.Select(row => (string)row[0])
                                    select $"## {verb}\n\n```\n{Help(verb == Program ? [] : [verb])}```\n";
        string document = $"# Commands\n\nPrinted from the program's own help, by `{nameof(HelpTests)}`.\n\n{string.Join('\n', verbs)}";
        if (Environment.GetEnvironmentVariable(Renew) is not null) File.WriteAllText(file, document);
        bool isUpToDate = File.Exists(file) && File.ReadAllText(file) == document;
        Assert.IsTrue(isUpToDate, $"{Renew}=1 dotnet test --filter {nameof(HelpTests)} writes {file} anew.");
    }

    [TestMethod]
    public void EveryFileIsOfAVerb() => CollectionAssert.AreEquivalent(
        Verbs.Select(row => $"{row[0]}.help.txt").ToArray(),
        Directory.EnumerateFiles(Expected).Select(Path.GetFileName).ToArray());

    private static string Help(string[] verb)
    {
        var output = new StringWriter { NewLine = "\n" };
        Assert.AreEqual(0, CommandLine.Run([.. verb, "--help"], output, Console.Error));
        return output.ToString();
    }
}
