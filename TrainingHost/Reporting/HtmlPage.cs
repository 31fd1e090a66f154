using System.Globalization;
using System.Net;
using System.Text;

namespace TrainingHost.Reporting;

/// <summary>A page of its own, without scripts and without anything to load: sections of text, tables and pictures.</summary>
internal sealed class HtmlPage(string title)
{
    private const string Style =
        """
        :root { color-scheme: light dark; }
        body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
        table { border-collapse: collapse; margin: .5rem 0; }
        td, th { padding: .15rem .75rem .15rem 0; text-align: left; vertical-align: top; }
        th { font-weight: 600; }
        table.numbers td, table.numbers th { text-align: right; padding: .15rem .5rem; }
        figure { margin: 1rem 0; background: #fff; }
        figure svg, figure img { max-width: 100%; height: auto; display: block; }
        .pictures { display: flex; flex-wrap: wrap; gap: .75rem; }
        .pictures figure { width: 6.5rem; margin: 0; background: none; font-size: .8rem; }
        .pictures img { width: 6rem; image-rendering: pixelated; }
        pre { white-space: pre-wrap; }
        """;

    private readonly StringBuilder body = new();

    public HtmlPage Section(string heading)
    {
        body.Append(CultureInfo.InvariantCulture, $"<h2>{Text(heading)}</h2>\n");
        return this;
    }

    public HtmlPage Paragraph(string text)
    {
        body.Append(CultureInfo.InvariantCulture, $"<p>{Text(text)}</p>\n");
        return this;
    }

    public HtmlPage Preformatted(string text)
    {
        body.Append(CultureInfo.InvariantCulture, $"<pre>{Text(text)}</pre>\n");
        return this;
    }

    /// <summary>Names and what they are.</summary>
    public HtmlPage Pairs(IEnumerable<(string Name, string Value)> pairs)
    {
        body.Append("<table>\n");
        foreach ((string name, string value) in pairs)
            body.Append(CultureInfo.InvariantCulture, $"<tr><th>{Text(name)}</th><td>{Text(value)}</td></tr>\n");
        body.Append("</table>\n");
        return this;
    }

    /// <summary>A table of numbers; a cell may be shaded, from 0 (not at all) to 1.</summary>
    public HtmlPage Numbers(IReadOnlyList<string> head, IEnumerable<IReadOnlyList<(string Text, double Shade)>> rows)
    {
        string cells = string.Concat(head.Select(cell => $"<th>{Text(cell)}</th>"));
        body.Append(CultureInfo.InvariantCulture, $"<table class=\"numbers\">\n<tr>{cells}</tr>\n");
        foreach (IReadOnlyList<(string Text, double Shade)> row in rows)
        {
            body.Append("<tr>");
            foreach ((string text, double shade) in row)
                body.Append(CultureInfo.InvariantCulture, $"<td style=\"background:rgba(31,119,180,{shade:0.##})\">{Text(text)}</td>");
            body.Append("</tr>\n");
        }
        body.Append("</table>\n");
        return this;
    }

    /// <summary>A drawing, as SVG.</summary>
    public HtmlPage Drawing(string svg)
    {
        body.Append(CultureInfo.InvariantCulture, $"<figure>{svg}</figure>\n");
        return this;
    }

    /// <summary>Small pictures side by side, PNG, each with a caption.</summary>
    public HtmlPage Pictures(IEnumerable<(byte[] Png, string Caption)> pictures)
    {
        body.Append("<div class=\"pictures\">\n");
        foreach ((byte[] png, string caption) in pictures)
        {
            string source = $"data:image/png;base64,{Convert.ToBase64String(png)}";
            body.Append(CultureInfo.InvariantCulture,
                $"<figure><img src=\"{source}\" alt=\"{Text(caption)}\"><figcaption>{Text(caption)}</figcaption></figure>\n");
        }
        body.Append("</div>\n");
        return this;
    }

    public override string ToString() =>
        $"""
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <link rel="icon" href="data:,">
        <title>{Text(title)}</title>
        <style>
        {Style}
        </style>
        </head>
        <body>
        <h1>{Text(title)}</h1>
        {body}</body>
        </html>

        """;

    private static string Text(string text) => WebUtility.HtmlEncode(text);
}
