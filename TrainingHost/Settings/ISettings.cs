using GraphRewrite.Diagnostics;

namespace TrainingHost.Settings;

/// <summary>
/// What a verb, or a part of several verbs, is asked for: typed values, each as the command line has it. Names that do not exist fail as they
/// are bound; numbers out of range and options that contradict each other fail here, and nowhere else.
/// </summary>
internal interface ISettings
{
    /// <summary>The inputs and outputs: no output may be an input.</summary>
    Touched Touched => Touched.Nothing;

    /// <summary>What is odd, though it can be done; a line each.</summary>
    IEnumerable<string> Warnings => [];

    /// <summary>Checks the numbers, and what does not go together; nothing where there is nothing.</summary>
    /// <exception cref="GraphRewriteException">A number is out of its range: the option, what was given, and the range.</exception>
    void Validate()
    {
    }
}
