using System.Globalization;
using GraphRewrite.Diagnostics;
using TrainingHost.Settings;

namespace TrainingHost.Data.Sources;

/// <summary>
/// Tables as examples: columns of numbers are the features, in the file's order; --label names the column (or columns, separated by commas) to
/// predict, --ignore those to leave out. Text to predict is classes, in the order of their names.
/// </summary>
internal sealed class TableData
{
    private static readonly string[] UsualLabels = ["label", "labels", "target", "class", "y"];

    private readonly DataChoice choice;
    private readonly List<string> notes = [];
    private string[] features = [];
    private string[] labels = [];
    private IReadOnlyList<string>? classes;

    private TableData(DataChoice choice) => this.choice = choice;

    /// <summary>Whether a folder holds a training table.</summary>
    public static bool IsIn(string folder) => Find(folder, PartNames.Training) is not null;

    /// <param name="path">A table, or a folder with train and, where there are, val and test.</param>
    /// <param name="choice">Which columns.</param>
    /// <exception cref="GraphRewriteException">A column is missing or no number, or a row has no value.</exception>
    public static DataParts Read(string path, DataChoice choice)
    {
        var data = new TableData(choice);
        string training = File.Exists(path) ? path : Find(path, PartNames.Training)!;
        Examples examples = data.Training(Table.Read(training));
        Examples? validation = data.Other(path, PartNames.Validation), test = data.Other(path, PartNames.Test);
        return new(examples, validation, test) { Notes = data.notes };
    }

    private static string? Find(string folder, IReadOnlyList<string> names) =>
        PartNames.Find(Directory.EnumerateFiles(folder).Select(file => Path.GetFileName(file)!),
            Table.Extensions.SelectMany(extension => names.Select(name => name + extension))) is { } file ? Path.Combine(folder, file) : null;

    private Examples? Other(string path, IReadOnlyList<string> names) =>
        Directory.Exists(path) && Find(path, names) is { } file ? Of(Table.Read(file)) : null;

    private Examples Training(Table table)
    {
        string[] names = [.. table.Columns.Select(column => column.Name)];
        labels = choice.Label.Count > 0 ? [.. choice.Label.Select(name => Named(name, "--label"))]
            : [names.FirstOrDefault(name => UsualLabels.Contains(name, StringComparer.OrdinalIgnoreCase)) ?? throw new GraphRewriteException(
                $"{table.Path}: which column is to be predicted? Give --label COLUMN; there are {TableColumn.Shown(names)}")];
        string[] ignored = [.. choice.Ignore.Select(name => Named(name, "--ignore"))];
        features = [.. names.Except(labels).Except(ignored)];
        if (features.Length == 0) throw new GraphRewriteException($"{table.Path}: no column is left to predict '{labels[0]}' from");
        if (table.Columns.FirstOrDefault(column => features.Contains(column.Name) && column.Texts is not null) is { } text && !choice.SkipCorrupt)
        {
            int row = Array.FindIndex(text.Texts!, cell => cell is not null && !double.TryParse(cell, CultureInfo.InvariantCulture, out _));
            throw new GraphRewriteException(
                $"{table.Path}: the column '{text.Name}' holds text ('{text.Texts![row]}' in row {row + 1}); features are numbers. "
                + $"Encode it, leave it out (--ignore '{text.Name}'), or leave out such rows (--on-corrupt skip)");
        }
        if (labels.Length == 1 && table.Columns.Single(column => column.Name == labels[0]).Texts is { } named)
            classes = [.. named.OfType<string>().Distinct().Order(StringComparer.Ordinal)];
        return Of(table);

        string Named(string name, string option) => names.Contains(name) ? name
            : int.TryParse(name, out int number) && number >= 1 && number <= names.Length ? names[number - 1]
            : throw new GraphRewriteException($"{option} {name}: {table.Path} has no such column; there are {TableColumn.Shown(names)}");
    }

    private Examples Of(Table table)
    {
        TableColumn[] inputs = [.. features.Select(Column)], targets = [.. labels.Select(Column)];
        double[][] numbers = [.. inputs.Select(Numbers)];
        int[] kept = Kept(table, numbers, targets);
        var values = new float[checked((long)kept.Length * numbers.Length)];
        for (int i = 0; i < kept.Length; i++)
            for (int f = 0; f < numbers.Length; f++) values[(i * numbers.Length) + f] = (float)numbers[f][kept[i]];
        var array = new ExampleArray(table.Path, [numbers.Length], values, null) { Places = i => $"{table.Path}, row {kept[i] + 1}" };
        return new(table.Path, new ArrayInputs([array], features), Labels(table, targets, kept));

        TableColumn Column(string name) => table.Columns.FirstOrDefault(column => column.Name == name)
            ?? throw new GraphRewriteException($"{table.Path}: has no column '{name}', which the training table has");
    }

    /// <summary>Rows without a gap; one with a gap ends the run, or is left out and counted.</summary>
    private int[] Kept(Table table, double[][] numbers, TableColumn[] targets)
    {
        var kept = new List<int>(table.Rows);
        string? first = null;
        for (int row = 0; row < table.Rows; row++)
        {
            int gap = Array.FindIndex(numbers, column => double.IsNaN(column[row]));
            TableColumn? unlabelled = Array.Find(targets, column => column.IsMissing(row));
            if (gap < 0 && unlabelled is null)
            {
                kept.Add(row);
                continue;
            }
            string where = $"{table.Path}, row {row + 1}: '{(gap >= 0 ? features[gap] : unlabelled!.Name)}' holds no number";
            if (!choice.SkipCorrupt) throw new GraphRewriteException($"{where}. Fill the gap, or leave out such rows (--on-corrupt skip)");
            first ??= where;
        }
        if (kept.Count == 0) throw new GraphRewriteException($"{first}; so it is with all {table.Rows} rows");
        if (kept.Count < table.Rows) notes.Add($"{table.Rows - kept.Count} of {table.Rows} rows are left out; the first: {first}.");
        return [.. kept];
    }

    private ExampleLabels Labels(Table table, TableColumn[] targets, int[] kept)
    {
        Func<int, string> place = i => $"{table.Path}, row {kept[i] + 1}";
        if (classes is not null && targets is [{ } column])
        {
            Dictionary<string, long> index = classes.Select((name, i) => (name, (long)i)).ToDictionary();
            string[] texts = column.Texts is not null ? [.. column.Texts.Select(text => text ?? "")]
                : [.. column.Numbers!.Select(number => number.ToString("R", CultureInfo.InvariantCulture))];
            long[] indices = [.. kept.Select(row => index.TryGetValue(texts[row], out long i) ? i
                : throw new GraphRewriteException($"{table.Path}, row {row + 1}: the class '{texts[row]}' is not among the training table's"))];
            return new(new(labels[0], [], null, indices) { Places = place }, classes);
        }
        double[][] numbers = [.. targets.Select(Numbers)];
        bool whole = targets.Length == 1 && kept.All(row => numbers[0][row] == Math.Floor(numbers[0][row]) && Math.Abs(numbers[0][row]) < 1L << 53);
        if (whole) return new(new(labels[0], [], null, [.. kept.Select(row => (long)numbers[0][row])]) { Places = place });
        float[] values = [.. kept.SelectMany(row => numbers.Select(target => (float)target[row]))];
        return new(new(string.Join(",", labels), targets.Length == 1 ? [] : [targets.Length], values, null) { Places = place });
    }

    private static double[] Numbers(TableColumn column) =>
        column.Numbers ?? [.. Enumerable.Range(0, column.Texts!.Length).Select(column.Number)];
}
