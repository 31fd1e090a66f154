using TrainingHost.Commands;

namespace TrActOnnx.Tests.Commands;

/// <summary>Runs the program in this process, as its command line says.</summary>
internal static class Verb
{
    /// <summary>What it printed; any exit code but 0 fails the test.</summary>
    public static string Run(params string[] args)
    {
        var output = new StringWriter();
        var error = new StringWriter();
        int code = CommandLine.Run(args, output, error);
        return code == 0 ? output.ToString() : throw new AssertFailedException($"{string.Join(' ', args)}: exit code {code}: {error}");
    }

    /// <summary>The line that it failed with.</summary>
    public static string Fail(params string[] args) => Fail(CommandLine.BadInput, args);

    /// <summary>The line that it failed with, of an exit code.</summary>
    public static string Fail(int code, string[] args)
    {
        var error = new StringWriter();
        Assert.AreEqual(code, CommandLine.Run(args, TextWriter.Null, error), error.ToString());
        return error.ToString().TrimEnd();
    }

    /// <summary>Exit code, stdout, stderr.</summary>
    public static (int Code, string Output, string Error) Result(params string[] args)
    {
        var output = new StringWriter();
        var error = new StringWriter();
        return (CommandLine.Run(args, output, error), output.ToString(), error.ToString());
    }
}
