namespace GraphRewrite.Diagnostics;

/// <summary>
/// Something about the user's model, files or settings that cannot be done, in parts:
/// where (file, stage, node, operator), what was found, what would work.
/// <see cref="Exception.Message"/> is composed in neutral words; a program with names for its settings composes its own.
/// </summary>
public sealed class GraphRewriteException : Exception
{
    /// <param name="finding">What was found, where, and what would work.</param>
    public GraphRewriteException(Finding finding)
        : this(finding, null)
    {
    }

    /// <param name="finding">What was found, where, and what would work.</param>
    /// <param name="cause">The error that it was noticed by; null for none.</param>
    public GraphRewriteException(Finding finding, Exception? cause)
        : base(ErrorText.Compose(finding), cause) => Finding = finding;

    /// <summary>An error whose place is in its words, or is added on its way out.</summary>
    /// <param name="found">What was found, without its final period.</param>
    public GraphRewriteException(Phrase found)
        : this(new Finding(found), null)
    {
    }

    /// <summary>An error whose place is in its words, or is added on its way out.</summary>
    /// <param name="found">What was found, without its final period.</param>
    /// <param name="cause">The error that it was noticed by; null for none.</param>
    public GraphRewriteException(Phrase found, Exception? cause)
        : this(new Finding(found), cause)
    {
    }

    /// <summary>What was found.</summary>
    public Finding Finding { get; }

    /// <summary>The message with a program's own names for settings.</summary>
    public string Describe(Func<Setting, string> settingName) => ErrorText.Compose(Finding, settingName);

    /// <summary>The error, about a file; one that is about a file already stays as it is.</summary>
    internal GraphRewriteException In(string file) => Finding.Place.File is null ? At(Finding.Place with { File = file }) : this;

    /// <summary>The error, found in a stage; one that was found in a stage already stays as it is.</summary>
    internal GraphRewriteException During(Stage stage) =>
        Finding.Stage is null ? new(Finding with { Stage = stage }, InnerException ?? this) : this;

    /// <summary>The error at another place.</summary>
    internal GraphRewriteException At(Place place) => new(Finding with { Place = place }, InnerException ?? this);
}
