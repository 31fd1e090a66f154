namespace TrainingHost.Reporting;

/// <summary>Where edges leave and enter their boxes: side by side over the middle part of the box, in the order of their other ends.</summary>
internal sealed class EdgePorts
{
    private const double Used = 0.7; // of the box's width

    private readonly (double X, int Row)[][] routes;
    private readonly int[] numbers;

    public EdgePorts(DrawnGraph graph, LayeredLayout layout, double width)
    {
        routes = [.. graph.Edges.Select((_, i) => layout.Route(i).ToArray())];
        numbers = new int[routes.Length];
        int[] all = [.. Enumerable.Range(0, routes.Length)];
        foreach (IGrouping<int, int> leaving in all.GroupBy(i => graph.Edges[i].From))
            Spread([.. leaving.OrderBy(i => routes[i][1].X)], width, (i, x) => routes[i][0].X += x);
        foreach (IGrouping<int, int> entering in all.GroupBy(i => graph.Edges[i].To))
        {
            int[] sorted = [.. entering.OrderBy(i => routes[i][^2].X)];
            for (int k = 0; k < sorted.Length; k++) numbers[sorted[k]] = k;
            Spread(sorted, width, (i, x) => routes[i][^1].X += x);
        }
    }

    /// <summary>The places that an edge runs through.</summary>
    public IReadOnlyList<(double X, int Row)> Route(int edge) => routes[edge];

    /// <summary>Its number among those that enter the same box, from the left.</summary>
    public int Number(int edge) => numbers[edge];

    private static void Spread(int[] edges, double width, Action<int, double> move)
    {
        double step = width * Used / edges.Length;
        for (int k = 0; k < edges.Length; k++) move(edges[k], (k - ((edges.Length - 1) / 2.0)) * step);
    }
}
