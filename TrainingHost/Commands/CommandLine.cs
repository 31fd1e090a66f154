using System.CommandLine;
using System.CommandLine.Help;
using System.Diagnostics;
using GraphRewrite.Diagnostics;
using TrainingHost.Benchmarks;
using TrainingHost.Reporting;
using TrainingHost.Runs;
using TrainingHost.Runtime;

namespace TrainingHost.Commands;

/// <summary>
/// The verbs, and what every one of them keeps to: exit code 0 done, 1 the work failed, 2 bad usage or bad input, 3 not decided (of a check), 70 an
/// error of the program itself, 74 standard output cannot be written; one line on stderr that says what, where and what to do.
/// </summary>
internal static class CommandLine
{
    public const int Done = 0;
    public const int Failed = 1;
    public const int BadInput = 2;
    public const int Undecided = 3;
    public const int OutputLost = 74; // EX_IOERR of sysexits.h

    private const string DefaultVerb = "train", HelpVerb = "help", HelpOption = "--help";
    private const int PlainWidth = 120; // of help that goes to a file or a pipe

    public static IReadOnlyList<Example> Examples { get; } =
    [
        new("lenet", "Trains the LeNet of models/ on the embedded images."),
        new("train forward.onnx --data FOLDER --epochs 10", "Trains an export of your own on a folder of data."),
        new("rewrite ARTIFACTS -o REWRITTEN", "Puts TrAct into artifacts for ONNX Runtime Training 1.19.2."),
        new("help train", "All options of train; the same as train --help."),
    ];

    /// <param name="args">The verb and its options.</param>
    /// <param name="output">Where all that a verb says goes.</param>
    /// <param name="error">Where the line goes that says why it failed.</param>
    /// <returns>The exit code.</returns>
    public static int Run(string[] args, TextWriter output, TextWriter error)
    {
        LimitVariables.Read();
        try
        {
            return Invoke(args, output, error);
        }
        catch (GraphRewriteException e)
        {
            return Say(e.Describe(OptionNames.Of), BadInput);
        }
        catch (OutputLostException e)
        {
            return Say(e.Message, OutputLost);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Say(e.Message, BadInput);
        }
        catch (DivergedException e)
        {
            return Say(e.Message, Failed);
        }
        catch (ProcessFailedException e)
        {
            return Say(e.Message, e.ExitCode);
        }
        catch (InterruptedException e)
        {
            return Say(e.Message, e.ExitCode);
        }
        catch (Exception e)
        {
            return Say(LastResort.Describe(e, args), LastResort.ExitCode);
        }

        int Say(string line, int code)
        {
            try
            {
                error.WriteLine(line);
            }
            catch (IOException)
            {
                // Nobody listens; the exit code still speaks.
            }
            return code;
        }
    }

    private static int Invoke(string[] args, TextWriter output, TextWriter error)
    {
        var verbOutput = new VerbOutput(output, error);
        var common = new CommonSwitches();
        RootCommand root = Root(verbOutput, common);
        if (Completion.IsAsked(args)) return Completion.Answer(root, args, output);
        ParseResult parsed = root.Parse(WithVerb(args, root, common));
        if (parsed.Action is not HelpText && ParseErrors.Describe(parsed) is { } wrong)
        {
            error.WriteLine(wrong);
            return BadInput;
        }
        common.Set(verbOutput, parsed);
        verbOutput.Detail(LastResort.Versions);
        long start = Stopwatch.GetTimestamp();
        int code = parsed.Invoke(new() { EnableDefaultExceptionHandler = false, Output = output, Error = error });
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds, megabytes = Process.GetCurrentProcess().PeakWorkingSet64 / 1e6;
        verbOutput.Detail(FormattableString.Invariant($"Took {seconds:F2} s; peak memory {megabytes:F0} MB."));
        return code;
    }

    internal static RootCommand Root(VerbOutput output, CommonSwitches common)
    {
        var root = new RootCommand(
            "Puts TrAct into the first layer of an ONNX training graph and trains it on ONNX Runtime. "
            + "Without a command: train, which is the main one.")
        {
            TrainCommand.Create(output),
            RewriteCommand.Create(output),
            LowerCommand.Create(output),
            VerifyCommand.Create(output),
            EqualCommand.Create(output),
            ArtifactsCommand.Create(output),
            GradientCommand.Create(output),
            InspectCommand.Create(output),
            TraceCommand.Create(output),
            ExportCommand.Create(output),
            EvaluateCommand.Create(output),
            PredictCommand.Create(output),
            BenchCommand.Create(output),
            OpsCommand.Create(output),
            CompletionCommand.Create(output),
        };
        common.AddTo(root);
        // What is not the console has no width to wrap at.
        int width = output.Writer == Console.Out && !Console.IsOutputRedirected ? Console.WindowWidth : PlainWidth;
        HelpOption help = root.Options.OfType<HelpOption>().Single();
        help.Description = "Shows this help.";
        help.Action = new HelpText(width > 0 ? width : PlainWidth);
        root.Options.OfType<VersionOption>().Single().Description = "Shows the version.";
        root.SetAction(parsed => ((HelpText)help.Action).Invoke(parsed));
        return root;
    }

    /// <summary>
    /// train is the verb where none is given: <c>--model resnet18.onnx</c>, <c>-q lenet</c>, <c>lenet</c>. help VERB is VERB --help.
    /// </summary>
    private static string[] WithVerb(string[] args, RootCommand root, CommonSwitches common)
    {
        string[] verbs = [.. root.Subcommands.Select(verb => verb.Name)];
        string? first = args.FirstOrDefault(word => !common.Has(word));
        return first switch
        {
            null => [.. args, DefaultVerb],
            HelpVerb => [.. args.Where(word => word != HelpVerb), HelpOption],
            HelpOption or "-h" or "-?" or "--version" => args,
            _ when verbs.Contains(first) || first.StartsWith('[') => args,
            _ when first.StartsWith('-') || IsModel(first, verbs) => [DefaultVerb, .. args],
            _ => args,
        };
    }

    /// <summary>Whether a first word that is no verb is a model: one by its path, or of models/.</summary>
    private static bool IsModel(string word, string[] verbs) =>
        ModelPath.Known().Any(known => known == word || Path.GetFileNameWithoutExtension(known) == word)
        || (Path.Exists(word) && Suggestions.Nearest(word, verbs) is null);
}
