using GraphRewrite.Diagnostics;

namespace TrainingHost.Reporting;

/// <summary>What the command line calls the settings that the library's messages speak of.</summary>
internal static class OptionNames
{
    /// <exception cref="ArgumentOutOfRangeException">The setting has no name here.</exception>
    public static string Of(Setting setting) => setting switch
    {
        Setting.Layers => "--layer",
        Setting.NoTrAct => "--no-tract",
        Setting.Lambda => "--lambda",
        Setting.Freeze => "--freeze",
        Setting.Loss => "--loss",
        Setting.BatchNorm => "--bn",
        Setting.Wanted => "--wrt",
        Setting.Outputs => "--predict",
        Setting.Sizes => "--size",
        Setting.Length => "--length",
        Setting.Forms => "TRACT_FORMS",
        Setting.MaxNodes => "TRACT_MAX_NODES",
        Setting.MaxConstantBytes => "TRACT_MAX_CONSTANT_BYTES",
        Setting.MaxNesting => "TRACT_MAX_NESTING",
        _ => throw new ArgumentOutOfRangeException(nameof(setting), setting, null),
    };

    /// <summary>A finding in words, with options for settings.</summary>
    public static string Describe(Finding finding) => ErrorText.Compose(finding, Of);
}
