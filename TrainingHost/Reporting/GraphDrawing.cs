using System.Globalization;
using System.Text;
using System.Xml.Linq;

namespace TrainingHost.Reporting;

/// <summary>Graphs side by side as SVG: boxes by operator, edges with shapes; what the rewrite has put in stands out by its colour.</summary>
internal static class GraphDrawing
{
    private const double BoxWidth = 190, BoxHeight = 44, Gap = 34, RowHeight = 96, Narrow = 96, Border = 28, Head = 44, Between = 56, Legend = 44;
    private const int Letters = 27; // of a box's smaller line

    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    private static readonly Dictionary<BoxKind, (string Fill, string Line, string Name)> Looks = new()
    {
        [BoxKind.Value] = ("#ffffff", "#5b6b7b", "input, parameter"),
        [BoxKind.Product] = ("#d6e6fb", "#2f6fb7", "matrix product, convolution"),
        [BoxKind.Operator] = ("#e9eef2", "#5b6b7b", "other operator"),
        [BoxKind.Replaced] = ("#ffdfb3", "#d9730d", "put in by TrAct"),
        [BoxKind.Rest] = ("#f6f6f6", "#9aa5b1", "not drawn"),
    };

    /// <param name="graphs">From left to right.</param>
    public static string ToSvg(IReadOnlyList<DrawnGraph> graphs)
    {
        LayeredLayout[] layouts = [.. graphs.Select(graph => new LayeredLayout(graph, BoxWidth + Gap, Narrow))];
        var drawing = new List<XElement>();
        double left = Border, height = 0;
        foreach ((DrawnGraph graph, LayeredLayout layout) in graphs.Zip(layouts))
        {
            double width = Enumerable.Range(0, graph.Boxes.Count).Max(layout.X) + ((BoxWidth + Gap) / 2);
            drawing.Add(Text(graph.Title, left, Border + 14, 17, "start", "#1f2933", bold: true));
            drawing.Add(new(Svg + "g", new XAttribute("transform", $"translate({N(left)} {N(Border + Head)})"), Panel(graph, layout)));
            left += width + Between;
            height = Math.Max(height, Border + Head + (layout.Rows * RowHeight));
        }
        double right = left - Between + Border;
        drawing.AddRange(Explained(graphs, height));
        var svg = new XElement(
            Svg + "svg",
            new XAttribute("viewBox", $"0 0 {N(right)} {N(height + Legend)}"),
            new XAttribute("width", N(right)),
            new XAttribute("height", N(height + Legend)),
            new XAttribute("font-family", "Helvetica, Arial, DejaVu Sans, sans-serif"),
            Arrow(),
            new XElement(Svg + "rect", new XAttribute("width", "100%"), new XAttribute("height", "100%"), new XAttribute("fill", "#ffffff")),
            drawing);
        return new StringBuilder().AppendLine(svg.ToString()).ToString();
    }

    private static IEnumerable<XElement> Panel(DrawnGraph graph, LayeredLayout layout)
    {
        var ports = new EdgePorts(graph, layout, BoxWidth);
        for (int i = 0; i < graph.Edges.Count; i++)
        {
            bool isNew = graph.Boxes[graph.Edges[i].From].Kind == BoxKind.Replaced || graph.Boxes[graph.Edges[i].To].Kind == BoxKind.Replaced;
            yield return Line(ports.Route(i), isNew ? Looks[BoxKind.Replaced].Line : "#8593a1");
        }
        for (int i = 0; i < graph.Boxes.Count; i++)
        {
            foreach (XElement part in Box(graph.Boxes[i], layout.X(i) - (BoxWidth / 2), Top(layout.Row(i)))) yield return part;
        }
        for (int i = 0; i < graph.Edges.Count; i++)
        {
            if (graph.Edges[i].Label.Length == 0) continue;
            // Near the end, where edges from one box have parted; neighbours at two heights.
            IReadOnlyList<(double X, int Row)> route = ports.Route(i);
            double up = ports.Number(i) % 2 == 0 ? 0.3 : 0.6, at = 1 - Eased(up);
            double x = route[^2].X + ((route[^1].X - route[^2].X) * at), y = Top(route[^1].Row) - ((RowHeight - BoxHeight) * up);
            foreach (XElement part in Label(graph.Edges[i].Label, x, y)) yield return part;
        }
    }

    private static double Top(int row) => row * RowHeight;

    /// <summary>How far to the side a line is, that far along: 3t² − 2t³, as a cubic with upright ends has it.</summary>
    private static double Eased(double t) => t * t * (3 - (2 * t));

    private static IEnumerable<XElement> Label(string text, double x, double y)
    {
        double width = (text.Length * 5.9) + 4;
        yield return new(
            Svg + "rect",
            new XAttribute("x", N(x - (width / 2))),
            new XAttribute("y", N(y - 9)),
            new XAttribute("width", N(width)),
            new XAttribute("height", "13"),
            new XAttribute("fill", "#ffffff"),
            new XAttribute("fill-opacity", "0.88"));
        yield return Text(text, x, y + 1, 10.5, "middle", "#3e4c59");
    }

    private static IEnumerable<XElement> Box(DrawnBox box, double x, double y)
    {
        (string fill, string line, _) = Looks[box.Kind];
        XElement rect = new(
            Svg + "rect",
            new XAttribute("x", N(x)),
            new XAttribute("y", N(y)),
            new XAttribute("width", N(BoxWidth)),
            new XAttribute("height", N(BoxHeight)),
            new XAttribute("rx", box.Kind == BoxKind.Value ? "20" : "6"),
            new XAttribute("fill", fill),
            new XAttribute("stroke", line),
            new XAttribute("stroke-width", box.Kind == BoxKind.Replaced ? "2" : "1.3"));
        if (box.Kind == BoxKind.Rest) rect.Add(new XAttribute("stroke-dasharray", "5 4"));
        rect.Add(new XElement(Svg + "title", $"{box.Title} {box.Detail}"));
        yield return rect;
        double middle = x + (BoxWidth / 2);
        yield return Text(Short(box.Title), middle, y + 18, 13, "middle", "#1f2933", bold: true);
        yield return Text(Short(box.Detail), middle, y + 34, 10.5, "middle", "#52606d");
    }

    private static string Short(string text) => text.Length <= Letters ? text : $"…{text[^(Letters - 1)..]}";

    /// <summary>From box to box, upright at both ends, and through the points between.</summary>
    private static XElement Line(IReadOnlyList<(double X, int Row)> route, string color)
    {
        var path = new StringBuilder();
        double x = route[0].X, y = Top(route[0].Row) + BoxHeight;
        path.Append(CultureInfo.InvariantCulture, $"M{N(x)} {N(y)}");
        for (int i = 1; i < route.Count; i++)
        {
            bool isLast = i == route.Count - 1;
            double toX = route[i].X, toY = Top(route[i].Row) - (isLast ? 3 : 0), half = (toY - y) / 2;
            path.Append(CultureInfo.InvariantCulture, $" C{N(x)} {N(y + half)} {N(toX)} {N(toY - half)} {N(toX)} {N(toY)}");
            (x, y) = (toX, toY);
            if (isLast) continue;
            y += BoxHeight;
            path.Append(CultureInfo.InvariantCulture, $" L{N(x)} {N(y)}");
        }
        return new(
            Svg + "path",
            new XAttribute("d", path),
            new XAttribute("fill", "none"),
            new XAttribute("stroke", color),
            new XAttribute("stroke-width", "1.4"),
            new XAttribute("marker-end", "url(#arrow)"));
    }

    private static XElement Arrow() => new(
        Svg + "defs",
        new XElement(
            Svg + "marker",
            new XAttribute("id", "arrow"),
            new XAttribute("viewBox", "0 0 8 8"),
            new XAttribute("refX", "6"),
            new XAttribute("refY", "4"),
            new XAttribute("markerWidth", "7"),
            new XAttribute("markerHeight", "7"),
            new XAttribute("orient", "auto"),
            new XElement(Svg + "path", new XAttribute("d", "M0 0 L8 4 L0 8 z"), new XAttribute("fill", "#52606d"))));

    /// <summary>What the colours mean, of those that are there.</summary>
    private static IEnumerable<XElement> Explained(IReadOnlyList<DrawnGraph> graphs, double y)
    {
        double x = Border;
        foreach (BoxKind kind in Enum.GetValues<BoxKind>().Where(kind => graphs.Any(graph => graph.Boxes.Any(box => box.Kind == kind))))
        {
            (string fill, string line, string name) = Looks[kind];
            yield return new(
                Svg + "rect",
                new XAttribute("x", N(x)),
                new XAttribute("y", N(y)),
                new XAttribute("width", "16"),
                new XAttribute("height", "12"),
                new XAttribute("rx", "3"),
                new XAttribute("fill", fill),
                new XAttribute("stroke", line));
            yield return Text(name, x + 22, y + 10, 11.5, "start", "#3e4c59");
            x += 44 + (name.Length * 6.2);
        }
    }

    private static XElement Text(string text, double x, double y, double size, string anchor, string color, bool bold = false)
    {
        XElement element = new(
            Svg + "text",
            new XAttribute("x", N(x)),
            new XAttribute("y", N(y)),
            new XAttribute("font-size", N(size)),
            new XAttribute("text-anchor", anchor),
            new XAttribute("fill", color),
            text);
        if (bold) element.Add(new XAttribute("font-weight", "600"));
        return element;
    }

    private static string N(double number) => number.ToString("0.##", CultureInfo.InvariantCulture);
}
