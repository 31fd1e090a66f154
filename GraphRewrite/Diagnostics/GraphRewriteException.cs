namespace GraphRewrite.Diagnostics;

/// <summary>
/// Something about the user's model, files or settings that cannot be done, in parts:
/// where (file, stage, node, operator), what was found, what would work.
/// <see cref="Exception.Message"/> is composed in neutral words; a program with names for its settings composes its own.
/// </summary>
public sealed class GraphRewriteException : Exception
{
    public GraphRewriteException(Finding finding, Exception? cause = null)
        : base(ErrorText.Compose(finding), cause) => Finding = finding;

    /// <summary>An error whose place is in its words, or is added on its way out.</summary>
    public GraphRewriteException(Phrase found, Exception? cause = null)
        : this(new Finding(found), cause)
    {
    }

    /// <summary>What was found.</summary>
    public Finding Finding { get; }

    /// <summary>The message with a program's own names for settings.</summary>
    public string Describe(Func<Setting, string> settingName) => ErrorText.Compose(Finding, settingName);

    /// <summary>The error, about a file; one that is about a file already stays as it is.</summary>
    public GraphRewriteException In(string file) => Finding.Place.File is null ? At(Finding.Place with { File = file }) : this;

    /// <summary>The error, found in a stage; one that was found in a stage already stays as it is.</summary>
    public GraphRewriteException During(Stage stage) =>
        Finding.Stage is null ? new(Finding with { Stage = stage }, InnerException ?? this) : this;

    /// <summary>The error at another place.</summary>
    public GraphRewriteException At(Place place) => new(Finding with { Place = place }, InnerException ?? this);
}
