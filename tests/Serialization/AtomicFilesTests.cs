using System.Text;
using GraphRewrite.Diagnostics;
using GraphRewrite.Serialization;

namespace TrActOnnx.Tests.Serialization;

[TestClass]
public sealed class AtomicFilesTests
{
    private const string Id = "0123456789abcdef";

    /// <summary>Some are there and some are not, in the set's folder, below it, and behind a link that leads out of it.</summary>
    [TestMethod]
    [DataRow(Fault.Once)]
    [DataRow(Fault.FullDisk)]
    [DataRow(Fault.Kill)]
    public void ASetIsWrittenWholeOrNotAtAll(Fault fault)
    {
        int operations = FileFaults.AtEveryOperation(
            fault,
            top =>
            {
                Directory.CreateDirectory(Path.Combine(top, "out"));
                File.WriteAllText(Path.Combine(top, "out", "target"), "old");
                Directory.CreateDirectory(Path.Combine(top, "set"));
                File.CreateSymbolicLink(Path.Combine(top, "set", "link"), "../out/target");
                Put(Path.Combine(top, "set"), "old", ["a", "b"]);
            },
            top => Put(Path.Combine(top, "set"), "new", ["a", "below/c", "link", "b"]),
            top => Path.Combine(top, "set"));
        Assert.IsGreaterThan(15, operations);
    }

    [TestMethod]
    public void WhereOneCannotBeReplacedTheOthersComeBack()
    {
        using var folder = new TemporaryFolder();
        Put(folder.Path, "old", ["a"]);
        using (var files = AtomicFiles.In(folder.Path))
        {
            foreach (string name in new[] { "a", "new", "taken" }) files.Write(folder.File(name), Bytes("new"));
            Directory.CreateDirectory(folder.File("taken")); // meanwhile, by somebody else
            string message = Assert.ThrowsExactly<GraphRewriteException>(files.Commit).Message;
            StringAssert.StartsWith(message, $"{folder.Path}: cannot be written");
            StringAssert.Contains(message, "What was there before is untouched");
        }
        Assert.AreEqual("old a", File.ReadAllText(folder.File("a")));
        Assert.HasCount(2, Directory.GetFileSystemEntries(folder.Path), "a and taken");
    }

    /// <summary>The rest of a set that cannot be replaced at present is said to whoever reads, and done when it can be.</summary>
    [TestMethod]
    public void ARepairThatFailsIsSaidAndDoneLater()
    {
        using var folder = new TemporaryFolder();
        string journal = Journal(folder, """["a"]""");
        File.WriteAllText(folder.File($"a.{Id}.tract-new"), "new");
        Directory.CreateDirectory(folder.File("a"));
        string message = Assert.ThrowsExactly<GraphRewriteException>(() => RegularFile.OpenRead(folder.File("other"))).Message;
        StringAssert.StartsWith(message, $"{folder.Path}: holds files that belong together and that a killed process has replaced in part");
        Assert.IsTrue(File.Exists(journal));
        Directory.Delete(folder.File("a"));
        using (FileStream file = RegularFile.OpenRead(folder.File("a"))) Assert.AreEqual("new", Encoding.UTF8.GetString(RegularFile.ReadAllBytes(file)));
        Assert.HasCount(1, Directory.GetFileSystemEntries(folder.Path));
    }

    /// <summary>Another process may be at work in the same folder: what it writes stays.</summary>
    [TestMethod]
    public void WhatAnotherWritesIsNoLeftover()
    {
        using var folder = new TemporaryFolder();
        using var one = AtomicFiles.In(folder.Path);
        one.Write(folder.File("a"), Bytes("one"));
        string[] waiting = Directory.GetFiles(folder.Path);
        string left = folder.File($"x.{Id}.tract-new"), user = folder.File("x.tract-new");
        foreach (string file in new[] { left, user }) File.WriteAllText(file, "");
        Put(folder.Path, "other", ["b"]);
        Assert.IsTrue(File.Exists(waiting.Single()));
        Assert.IsFalse(File.Exists(left));
        Assert.IsTrue(File.Exists(user), "no name of ours");
        one.Commit();
        Assert.AreEqual("one", File.ReadAllText(folder.File("a")));
    }

    /// <summary>A journal comes with a model from somewhere: it renames nothing but what waits under its number, and deletes nothing.</summary>
    [TestMethod]
    public void AJournalFromElsewhereDoesNoHarm()
    {
        using TemporaryFolder folder = new(), victim = new();
        File.WriteAllText(victim.File("x"), "x");
        File.WriteAllText(folder.File("new"), "evil");
        string journal = Journal(folder, $"""["{victim.File("x")}", "../{Path.GetFileName(victim.Path)}/x", "new"]""");
        AtomicFiles.Repair(folder.Path);
        Assert.AreEqual("x", File.ReadAllText(victim.File("x")));
        Assert.HasCount(1, Directory.GetFiles(victim.Path));
        Assert.IsFalse(File.Exists(journal));
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("{}")]
    [DataRow("[1]")]
    [DataRow("[null]")]
    [DataRow("""["a\u0000b"]""")]
    public void WhatIsNoJournalIsSaid(string text)
    {
        using var folder = new TemporaryFolder();
        string journal = Journal(folder, text);
        string expected = $"{journal}: is no journal of this program. Delete it.";
        Assert.AreEqual(expected, Assert.ThrowsExactly<GraphRewriteException>(() => AtomicFiles.Repair(folder.Path)).Message);
    }

    [TestMethod]
    [OSCondition(OperatingSystems.Linux)]
    public void APipeIsNoJournal()
    {
        using var folder = new TemporaryFolder();
        System.Diagnostics.Process.Start("mkfifo", [folder.File($"{Id}.tract-journal")]).WaitForExit();
        StringAssert.Contains(
            Assert.ThrowsExactly<GraphRewriteException>(() => AtomicFiles.Repair(folder.Path)).Message, "is no journal of this program");
    }

    private static string Journal(TemporaryFolder folder, string text)
    {
        string journal = folder.File($"{Id}.tract-journal");
        File.WriteAllText(journal, text);
        return journal;
    }

    private static bool Put(string folder, string contents, string[] names)
    {
        using var files = AtomicFiles.In(folder);
        foreach (string name in names) files.Write(Path.Combine(folder, name), Bytes($"{contents} {name}"));
        files.Commit();
        return true;
    }

    private static Action<Stream> Bytes(string text) => stream => stream.Write(Encoding.UTF8.GetBytes(text));
}
