using System.Diagnostics;

namespace GraphRewrite.Diagnostics;

/// <summary>
/// The library's spans for System.Diagnostics (OpenTelemetry, dotnet-trace): one for each time that a file is parsed, a graph differentiated, a graph
/// lowered. Without a listener they cost nothing.
/// </summary>
public static class Spans
{
    /// <summary>The name of the <see cref="ActivitySource"/>.</summary>
    public const string Source = "GraphRewrite";

    /// <summary>A model file is read; the tag <see cref="PathTag"/> says which.</summary>
    public const string Parse = "parse";

    /// <summary>Gradients are appended to a graph.</summary>
    public const string Differentiate = "differentiate";

    /// <summary>A graph becomes one of stock operators.</summary>
    public const string Lower = "lower";

    /// <summary>The tag of <see cref="Parse"/> with the file's path, as it was given.</summary>
    public const string PathTag = "path";

    private static readonly ActivitySource Activities = new(Source);

    /// <summary>Begins a span, which ends as it is disposed; null where nobody listens.</summary>
    internal static Activity? Begin(string name) => Activities.StartActivity(name);
}
