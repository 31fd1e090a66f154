using System.Globalization;
using CsvHelper;
using GraphRewrite.Diagnostics;

namespace TrainingHost.Data.Sources;

/// <summary>
/// A file of separated values; the separator (comma, semicolon, tab, bar) is found out. The first line is the heading unless all of it are numbers:
/// then the columns are called 1, 2, 3, …. A column is numbers where each of its cells is one or empty (also: NA, NaN, null), else text.
/// </summary>
internal static class CsvTable
{
    private static readonly HashSet<string> Missing = new(StringComparer.OrdinalIgnoreCase) { "", "na", "nan", "n/a", "null", "none", "?" };

    /// <exception cref="GraphRewriteException">It cannot be read, or its lines differ in length.</exception>
    public static Table Read(string path) => Read(path, options => CsvReader.FromFile(path, options));

    /// <inheritdoc cref="Read(string)"/>
    /// <param name="text">The values themselves.</param>
    /// <param name="name">What messages call them.</param>
    public static Table Parse(string text, string name) => Read(name, options => CsvReader.FromText(text, options));

    private static Table Read(string path, Func<CsvReaderOptions, CsvReader> open)
    {
        try
        {
            using CsvReader reader = open(new() { HasHeader = false, TrackLineNumbers = true });
            return Read(path, reader);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or CsvFormatException)
        {
            throw new GraphRewriteException($"{path}: cannot be read ({error.Message.Split('\n')[0].Trim()})", error);
        }
    }

    private static Table Read(string path, CsvReader reader)
    {
        if (!reader.Read()) throw new GraphRewriteException($"{path}: is empty");
        string[] first = Cells(reader);
        bool headed = !Array.TrueForAll(first, cell => Number(cell) is not null);
        string[] names = headed ? first : [.. Enumerable.Range(1, first.Length).Select(i => $"{i}")];
        if (names.GroupBy(name => name).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new GraphRewriteException($"{path}: two columns are called '{twice.Key}'");
        Column[] columns = [.. names.Select(name => new Column(name))];
        if (!headed) Add(first);
        while (reader.Read())
        {
            if (reader.FieldCount != names.Length)
                throw new GraphRewriteException($"{path}, line {reader.LineNumber}: {reader.FieldCount} values, the first line has {names.Length}");
            Add(Cells(reader));
        }
        if (columns[0].Count == 0) throw new GraphRewriteException($"{path}: holds a heading and no rows");
        return new(path, [.. columns.Select(column => column.Done())]);

        void Add(string[] cells)
        {
            for (int i = 0; i < columns.Length; i++) columns[i].Add(cells[i]);
        }
    }

    private static string[] Cells(CsvReader reader) => [.. Enumerable.Range(0, reader.FieldCount).Select(reader.GetString)];

    private static double? Number(string cell) =>
        double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number) ? number : null;

    /// <summary>Numbers for as long as every cell is one; the texts of those before are made anew where one is not.</summary>
    private sealed class Column(string name)
    {
        private readonly List<double> numbers = [];
        private List<string?>? texts;

        public int Count => texts?.Count ?? numbers.Count;

        public void Add(string cell)
        {
            bool missing = Missing.Contains(cell);
            if (texts is null && (missing || Number(cell) is not null)) numbers.Add(missing ? double.NaN : Number(cell)!.Value);
            else
            {
                texts ??= [.. numbers.Select(number => double.IsNaN(number) ? null : number.ToString("R", CultureInfo.InvariantCulture))];
                texts.Add(missing ? null : cell);
            }
        }

        public TableColumn Done() => texts is null ? new(name, [.. numbers], null) : new(name, null, [.. texts]);
    }
}
