using GraphRewrite.Diagnostics;

namespace TrainingHost.Settings;

/// <summary>
/// What a verb, or a part of several verbs, is asked for: typed values, each as the command line has it. Names that do not exist fail as they
/// are bound; numbers out of range fail here, and nowhere else.
/// </summary>
internal interface ISettings
{
    /// <summary>Checks the numbers; nothing where there are none.</summary>
    /// <exception cref="GraphRewriteException">A number is out of its range: the option, what was given, and the range.</exception>
    void Validate()
    {
    }
}
