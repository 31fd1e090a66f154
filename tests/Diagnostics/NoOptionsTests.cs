using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using System.Text.RegularExpressions;
using GraphRewrite.Diagnostics;

namespace TrActOnnx.Tests.Diagnostics;

/// <summary>The library speaks no command line: the program names options, and environment variables, itself.</summary>
[TestClass]
public sealed partial class NoOptionsTests
{
    [TestMethod]
    public void NoTextOfTheLibraryNamesAnOption()
    {
        string[] texts = [.. Texts(typeof(GraphRewriteException).Assembly.Location)];
        Assert.IsGreaterThan(1000, texts.Length);
        Assert.AreEqual("", string.Join("\n", texts.Where(text => Option().IsMatch(text))));
    }

    /// <summary>All string literals of a compiled assembly.</summary>
    private static IEnumerable<string> Texts(string path)
    {
        using var file = new PEReader(File.OpenRead(path));
        MetadataReader metadata = file.GetMetadataReader();
        for (UserStringHandle at = MetadataTokens.UserStringHandle(1); !at.IsNil; at = metadata.GetNextHandle(at))
            yield return metadata.GetUserString(at);
    }

    [GeneratedRegex(@"(^|[^-\w])--[a-z]|TRACT_[A-Z]")]
    private static partial Regex Option();
}
