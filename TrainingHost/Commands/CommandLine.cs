using System.CommandLine;
using System.CommandLine.Help;
using GraphRewrite.Diagnostics;
using TrainingHost.Benchmarks;
using TrainingHost.Reporting;
using TrainingHost.Runs;

namespace TrainingHost.Commands;

/// <summary>
/// The verbs, and what every one of them keeps to: exit code 0 done, 1 the work failed, 2 bad usage or bad input; one line on stderr that says what,
/// where and what to do.
/// </summary>
internal static class CommandLine
{
    public const int Done = 0;
    public const int Failed = 1;
    public const int BadInput = 2;

    private const string DefaultVerb = "train";

    /// <param name="args">The verb and its options.</param>
    /// <param name="output">Where all that a verb says goes.</param>
    /// <param name="error">Where the line goes that says why it failed.</param>
    /// <returns>The exit code.</returns>
    public static int Run(string[] args, TextWriter output, TextWriter error)
    {
        RootCommand root = Root(output);
        ParseResult parsed = root.Parse(WithVerb(args));
        if (parsed.Errors.Count > 0)
        {
            error.WriteLine(string.Join(" ", parsed.Errors.Select(e => e.Message)) + " See --help.");
            return BadInput;
        }
        try
        {
            return parsed.Invoke(new() { EnableDefaultExceptionHandler = false, Output = output, Error = error });
        }
        catch (GraphRewriteException e)
        {
            error.WriteLine(e.Describe(OptionNames.Of));
            return BadInput;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            error.WriteLine(e.Message);
            return BadInput;
        }
        catch (DivergedException e)
        {
            error.WriteLine(e.Message);
            return Failed;
        }
        catch (ProcessFailedException e)
        {
            error.WriteLine(e.Message);
            return e.ExitCode;
        }
        catch (OperationCanceledException)
        {
            error.WriteLine("Stopped.");
            return Failed;
        }
    }

    private static RootCommand Root(TextWriter output)
    {
        var root = new RootCommand("Puts TrAct into the first layer of an ONNX training graph and trains it on ONNX Runtime.")
        {
            TrainCommand.Create(output),
            RewriteCommand.Create(output),
            LowerCommand.Create(output),
            VerifyCommand.Create(output),
            ArtifactsCommand.Create(output),
            GradientCommand.Create(output),
            InspectCommand.Create(output),
            TraceCommand.Create(output),
            ExportCommand.Create(output),
            BenchCommand.Create(output),
            OpsCommand.Create(output),
        };
        // What is not the console has no width to wrap at.
        if (output != Console.Out && root.Options.OfType<HelpOption>().Single().Action is HelpAction help) help.MaxWidth = int.MaxValue;
        return root;
    }

    /// <summary>train is the verb where none is given: <c>--model resnet18.onnx</c>.</summary>
    private static string[] WithVerb(string[] args) => args switch
    {
        [] => [DefaultVerb],
        ["--help" or "-h" or "-?" or "--version", ..] => args,
        [string first, ..] when first.StartsWith('-') => [DefaultVerb, .. args],
        _ => args,
    };
}
