using GraphRewrite.Diagnostics;

namespace TrainingHost.Reporting;

/// <summary>The environment variables that set the library's limits: <c>TRACT_MAX_NODES</c> and the others of docs/limits.md.</summary>
internal static class LimitVariables
{
    public static void Read()
    {
        foreach (Setting limit in (Setting[])[Setting.MaxNodes, Setting.MaxConstantBytes, Setting.MaxNesting])
            if (Environment.GetEnvironmentVariable(OptionNames.Of(limit)) is { Length: > 0 } given) AppContext.SetData(Limits.KeyOf(limit), given);
    }
}
