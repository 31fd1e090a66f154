namespace TrainingHost.Reporting;

/// <summary>
/// Places for the boxes of a graph (Sugiyama, Tagawa, Toda 1981): each below all that it depends on; in a row ordered so that edges cross seldom;
/// above and below the mean of its neighbours. An edge over several rows runs through a point in each.
/// </summary>
internal sealed class LayeredLayout
{
    private const int Sweeps = 8;

    private readonly int[] ranks;
    private readonly List<List<int>> rows = [];
    private readonly List<(int From, int To)> links = [];
    private readonly List<List<int>> routes = [];
    private readonly double[] x;

    /// <param name="graph">What is to be placed.</param>
    /// <param name="width">Of a box, gap included.</param>
    /// <param name="narrow">Room that an edge takes in a row that it passes.</param>
    public LayeredLayout(DrawnGraph graph, double width, double narrow)
    {
        int boxes = graph.Boxes.Count;
        var rank = new List<int>(Ranks(graph));
        foreach (DrawnEdge edge in graph.Edges)
        {
            List<int> route = [edge.From];
            for (int at = rank[edge.From] + 1; at < rank[edge.To]; at++)
            {
                rank.Add(at);
                route.Add(rank.Count - 1);
            }
            route.Add(edge.To);
            routes.Add(route);
            for (int i = 1; i < route.Count; i++) links.Add((route[i - 1], route[i]));
        }
        ranks = [.. rank];
        for (int i = 0; i < ranks.Length; i++)
        {
            while (rows.Count <= ranks[i]) rows.Add([]);
            rows[ranks[i]].Add(i);
        }
        x = new double[ranks.Length];
        Order();
        Place(i => i < boxes ? width : narrow);
    }

    /// <summary>Rows.</summary>
    public int Rows => rows.Count;

    /// <summary>The middle of a box, from the left edge of the drawing.</summary>
    public double X(int box) => x[box];

    public int Row(int box) => ranks[box];

    /// <summary>The places that an edge runs through, its ends included: their middles and rows.</summary>
    public IReadOnlyList<(double X, int Row)> Route(int edge) => [.. routes[edge].Select(i => (x[i], ranks[i]))];

    /// <summary>The number of the longest way to each box; one that nothing leads to stands right above the first that it leads to.</summary>
    private static int[] Ranks(DrawnGraph graph)
    {
        var ranks = new int[graph.Boxes.Count];
        for (bool moved = true; moved;)
        {
            moved = false;
            foreach (DrawnEdge edge in graph.Edges.Where(edge => ranks[edge.To] <= ranks[edge.From]))
            {
                ranks[edge.To] = ranks[edge.From] + 1;
                moved = true;
            }
        }
        foreach (IGrouping<int, DrawnEdge> leaving in graph.Edges.GroupBy(edge => edge.From))
            if (graph.Edges.All(edge => edge.To != leaving.Key)) ranks[leaving.Key] = leaving.Min(edge => ranks[edge.To]) - 1;
        int top = ranks.Min();
        return [.. ranks.Select(rank => rank - top)];
    }

    private double Mean(int i, bool above, Func<int, double> of)
    {
        double[] near = [.. links.Where(link => above ? link.To == i : link.From == i).Select(link => of(above ? link.From : link.To))];
        return near.Length > 0 ? near.Average() : double.NaN;
    }

    /// <summary>Every row by the mean place of its neighbours, down and up in turn.</summary>
    private void Order()
    {
        var place = new double[ranks.Length];
        foreach (List<int> row in rows) Number(row);
        for (int sweep = 0; sweep < Sweeps; sweep++)
        {
            bool down = sweep % 2 == 0;
            foreach (List<int> row in down ? rows : Enumerable.Reverse(rows))
            {
                Dictionary<int, double> means = row.ToDictionary(i => i, i => Mean(i, down, other => place[other]));
                int[] sorted = [.. row.OrderBy(i => double.IsNaN(means[i]) ? place[i] : means[i])];
                row.Clear();
                row.AddRange(sorted);
                Number(row);
            }
        }

        void Number(List<int> row)
        {
            for (int i = 0; i < row.Count; i++) place[row[i]] = i - ((row.Count - 1) / 2.0);
        }
    }

    /// <summary>Each as near to its neighbours' mean as those beside it let it.</summary>
    private void Place(Func<int, double> room)
    {
        foreach (List<int> row in rows) Spread(row, i => 0);
        for (int sweep = 0; sweep < Sweeps; sweep++)
        {
            bool down = sweep % 2 == 0;
            foreach (List<int> row in down ? rows : Enumerable.Reverse(rows))
                Spread(row, i => Mean(i, down, other => x[other]) is var mean && double.IsNaN(mean) ? x[i] : mean);
        }
        double left = Enumerable.Range(0, x.Length).Min(i => x[i] - (room(i) / 2));
        for (int i = 0; i < x.Length; i++) x[i] -= left;

        // From the left no two overlap; what that pushed right comes back as one.
        void Spread(List<int> row, Func<int, double> wanted)
        {
            double[] wish = [.. row.Select(wanted)];
            double end = double.NegativeInfinity, pushed = 0;
            for (int k = 0; k < row.Count; k++)
            {
                double half = room(row[k]) / 2;
                x[row[k]] = Math.Max(wish[k], end + half);
                pushed += x[row[k]] - wish[k];
                end = x[row[k]] + half;
            }
            foreach (int i in row) x[i] -= pushed / row.Count;
        }
    }
}
