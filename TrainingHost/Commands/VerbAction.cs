using System.CommandLine;
using TrainingHost.Settings;

namespace TrainingHost.Commands;

/// <summary>What every verb does with its command line: bind it to the verb's settings, validate them, run.</summary>
internal static class VerbAction
{
    /// <param name="command">The verb.</param>
    /// <param name="bind">The command line → settings; fails on names that do not exist.</param>
    /// <param name="run">Does the work and returns the exit code.</param>
    /// <typeparam name="TSettings">The verb's settings.</typeparam>
    public static Command Runs<TSettings>(this Command command, Func<ParseResult, TSettings> bind, Func<TSettings, int> run)
        where TSettings : ISettings
    {
        command.SetAction(parsed => run(Valid(bind(parsed))));
        return command;
    }

    /// <summary>The same for a verb that Ctrl-C stops at a place of its own choice.</summary>
    public static Command Runs<TSettings>(this Command command, Func<ParseResult, TSettings> bind, Func<TSettings, CancellationToken, int> run)
        where TSettings : ISettings
    {
        command.SetAction((parsed, cancellation) => Task.FromResult(run(Valid(bind(parsed)), cancellation)));
        return command;
    }

    private static TSettings Valid<TSettings>(TSettings settings)
        where TSettings : ISettings
    {
        settings.Validate();
        return settings;
    }
}
