using System.Globalization;
using GraphRewrite.Diagnostics;
using Parquet;
using Parquet.Schema;

namespace TrainingHost.Data.Sources;

/// <summary>A Parquet file of flat columns of numbers, truth values or text.</summary>
internal static class ParquetTable
{
    /// <exception cref="GraphRewriteException">It cannot be read, or has a column of another kind.</exception>
    public static Table Read(string path)
    {
        try
        {
            return ReadAsync(path).GetAwaiter().GetResult();
        }
        catch (Exception error) when (error is not (GraphRewriteException or OutOfMemoryException))
        {
            // The library throws what its parsing meets: anything, for a damaged file.
            throw new GraphRewriteException($"{path}: cannot be read as Parquet ({error.Message.Split('\n')[0].Trim()})", error);
        }
    }

    private static async Task<Table> ReadAsync(string path)
    {
        await using ParquetReader reader = await ParquetReader.CreateAsync(path, null, default).ConfigureAwait(false);
        DataField[] fields = reader.Schema.GetDataFields();
        var parts = fields.Select(_ => new List<object>()).ToArray();
        int rows = 0;
        for (int group = 0; group < reader.RowGroupCount; group++)
        {
            using ParquetRowGroupReader rowGroup = reader.OpenRowGroupReader(group);
            int count = checked((int)rowGroup.RowCount);
            rows += count;
            for (int i = 0; i < fields.Length; i++) parts[i].Add(await Column(rowGroup, fields[i], count, path).ConfigureAwait(false));
        }
        if (rows == 0) throw new GraphRewriteException($"{path}: holds no rows");
        return new(path, [.. fields.Zip(parts, Joined)]);
    }

    private static TableColumn Joined(DataField field, List<object> parts) => IsText(field)
        ? new(field.Name, null, [.. parts.Cast<string?[]>().SelectMany(part => part)])
        : new(field.Name, [.. parts.Cast<double[]>().SelectMany(part => part)], null);

    private static bool IsText(DataField field) => field.ClrType == typeof(string) || field.ClrType == typeof(ReadOnlyMemory<char>);

    /// <summary>The cells of a column in a group of rows: string?[], or double[].</summary>
    private static async Task<object> Column(ParquetRowGroupReader group, DataField field, int count, string path)
    {
        if (field.IsArray || field.MaxRepetitionLevel > 0)
            throw new GraphRewriteException($"{path}: the column '{field.Name}' holds lists. Flat columns are taken; leave it out with --ignore");
        if (IsText(field))
        {
            var texts = new string?[count];
            await group.ReadAsync(field, texts.AsMemory()!).ConfigureAwait(false);
            return texts;
        }
        Type type = field.ClrType;
        return type == typeof(double) ? await Numbers<double>()
            : type == typeof(float) ? await Numbers<float>()
            : type == typeof(long) ? await Numbers<long>()
            : type == typeof(int) ? await Numbers<int>()
            : type == typeof(short) ? await Numbers<short>()
            : type == typeof(sbyte) ? await Numbers<sbyte>()
            : type == typeof(ulong) ? await Numbers<ulong>()
            : type == typeof(uint) ? await Numbers<uint>()
            : type == typeof(ushort) ? await Numbers<ushort>()
            : type == typeof(byte) ? await Numbers<byte>()
            : type == typeof(decimal) ? await Numbers<decimal>()
            : type == typeof(bool) ? await Numbers<bool>()
            : throw new GraphRewriteException($"{path}: the column '{field.Name}' holds {type.Name}; numbers, truth values and text are taken");

        async Task<double[]> Numbers<T>()
            where T : struct, IConvertible
        {
            if (!field.IsNullable)
            {
                var values = new T[count];
                await group.ReadAsync<T>(field, values.AsMemory()).ConfigureAwait(false);
                return Array.ConvertAll(values, value => value.ToDouble(CultureInfo.InvariantCulture));
            }
            var cells = new T?[count];
            await group.ReadAsync<T>(field, cells.AsMemory()).ConfigureAwait(false);
            return Array.ConvertAll(cells, cell => cell?.ToDouble(CultureInfo.InvariantCulture) ?? double.NaN);
        }
    }
}
