using System.CommandLine;
using GraphRewrite.Diagnostics;
using GraphRewrite.Serialization;
using TrainingHost.Models;
using TrainingHost.Reporting;
using TrainingHost.Settings;

namespace TrainingHost.Commands;

/// <summary>What every verb does with its command line: bind it to the verb's settings, check them and what they write, run.</summary>
internal static class VerbAction
{
    /// <param name="command">The verb.</param>
    /// <param name="output">Where warnings go.</param>
    /// <param name="bind">The command line → settings; fails on names that do not exist.</param>
    /// <param name="run">Does the work and returns the exit code.</param>
    /// <typeparam name="TSettings">The verb's settings.</typeparam>
    public static Command Runs<TSettings>(this Command command, VerbOutput output, Func<ParseResult, TSettings> bind, Func<TSettings, int> run)
        where TSettings : ISettings
    {
        command.SetAction(parsed => run(Checked(bind(parsed), output)));
        return command;
    }

    private static TSettings Checked<TSettings>(TSettings settings, VerbOutput output)
        where TSettings : ISettings
    {
        settings.Validate();
        CheckOutputs(settings.Touched);
        foreach (string warning in settings.Warnings) output.Warn(warning);
        return settings;
    }

    /// <summary>Outputs are no devices and no inputs, by whatever name; said before any work is done.</summary>
    /// <exception cref="GraphRewriteException">One is.</exception>
    private static void CheckOutputs(Touched touched)
    {
        string[] read = [.. touched.Inputs.SelectMany(ModelFiles.Of)];
        foreach (string file in touched.OutputFiles) OutputFiles.CheckFile(file, read);
        if (touched.OutputFolder is { } folder) OutputFiles.CheckFolder(folder, touched.Inputs);
    }
}
