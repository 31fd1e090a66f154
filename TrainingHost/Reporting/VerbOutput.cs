namespace TrainingHost.Reporting;

/// <summary>How much a verb says.</summary>
internal enum Verbosity
{
    /// <summary>-q: results and warnings only.</summary>
    Quiet,

    Normal,

    /// <summary>-v: what it does on the way, too.</summary>
    Verbose,
}

/// <summary>
/// What a verb says: results, notes beside them, warnings, details. With --json the result is one JSON document on stdout and nothing else is;
/// warnings and details go to stderr then.
/// </summary>
/// <param name="writer">stdout, or where it is to go.</param>
/// <param name="error">stderr.</param>
internal sealed class VerbOutput(TextWriter writer, TextWriter error)
{
    public TextWriter Writer { get; } = writer;

    public TextWriter Errors { get; } = error;

    public Verbosity Verbosity { get; set; } = Verbosity.Normal;

    /// <summary>--json was given.</summary>
    public bool IsJson { get; set; }

    /// <summary>Neither --no-color nor NO_COLOR was given.</summary>
    public bool HasColor { get; set; } = true;

    /// <summary>What the verb was run for; with --json it is <see cref="Json"/> that says it.</summary>
    public void Result(string line)
    {
        if (!IsJson) Writer.WriteLine(line);
    }

    /// <summary>What is good to know beside the result; not with -q.</summary>
    public void Note(string line)
    {
        if (Verbosity > Verbosity.Quiet) Result(line);
    }

    /// <summary>The same of a verb each of whose lines is a result: on stderr.</summary>
    public void Aside(string line)
    {
        if (Verbosity > Verbosity.Quiet) Errors.WriteLine(line);
    }

    /// <summary>What is done on the way; with -v only.</summary>
    public void Detail(string line)
    {
        if (Verbosity == Verbosity.Verbose) (IsJson ? Errors : Writer).WriteLine(line);
    }

    public void Warn(string what) => (IsJson ? Errors : Writer).WriteLine($"warning: {what}");

    /// <summary>The result as a document for programs, where that was asked for.</summary>
    /// <param name="result">Makes the result; its properties are written in snake_case.</param>
    public void Json(Func<object> result)
    {
        if (IsJson) Writer.WriteLine(JsonText.Of(result()));
    }
}
