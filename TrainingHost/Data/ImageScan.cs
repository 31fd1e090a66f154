using System.Diagnostics;
using System.Globalization;
using GraphRewrite.Diagnostics;
using TrainingHost.Data.Sources;

namespace TrainingHost.Data;

/// <summary>
/// One look at every image of some examples: the sums that mean and deviation are made of, and which files are damaged.
/// Per channel, over N pixels p of 0 … 255: mean = Σp / 255N, std² = Σp² / 255²N − mean². The sums are whole numbers, so that the order in which
/// threads add to them does not matter; black that only pads an image is not counted.
/// </summary>
internal sealed class ImageScan
{
    private const double White = 255;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private readonly long[] sums, squares;
    private readonly SortedDictionary<int, string> damaged = [];
    private long pixels;

    private ImageScan(int channels) => (sums, squares) = (new long[channels], new long[channels]);

    /// <summary>Numbers of damaged examples, with what is wrong.</summary>
    public IReadOnlyDictionary<int, string> Damaged => damaged;

    /// <param name="images">The images.</param>
    /// <param name="examples">Which of them.</param>
    /// <param name="workers">Threads.</param>
    /// <param name="skips">Whether a damaged image is noted, not fatal.</param>
    /// <param name="say">Is told how far it is, where that takes long; null: nobody.</param>
    /// <exception cref="GraphRewriteException">An image is damaged: the first of them.</exception>
    public static ImageScan Of(FittedImages images, Examples examples, int workers, bool skips, Action<string>? say)
    {
        var scan = new ImageScan(images.Fit.Target.Size.Channels);
        var watch = Stopwatch.StartNew();
        TimeSpan said = TimeSpan.Zero;
        int done = 0;
        Parallel.For(
            0,
            examples.Count,
            new ParallelOptions { MaxDegreeOfParallelism = workers },
            () => new Partial(images.Fit.Length, scan.sums.Length),
            (i, _, partial) =>
            {
                partial.Add(images, examples.RowOf(i), i);
                int now = Interlocked.Increment(ref done);
                if (say is null || watch.Elapsed - said < Interval) return partial;
                lock (scan.damaged)
                {
                    if (watch.Elapsed - said < Interval) return partial;
                    said = watch.Elapsed;
                    say(string.Create(CultureInfo.InvariantCulture, $"{examples.Name}: {now:N0} of {examples.Count:N0} images looked at."));
                }
                return partial;
            },
            partial =>
            {
                lock (scan.damaged) partial.AddTo(scan);
            });
        if (!skips && scan.damaged.Count > 0)
            throw new GraphRewriteException($"{scan.damaged.First().Value}. Repair or remove it, or leave out what is damaged (--on-corrupt skip)");
        return scan;
    }

    public Normalization Statistics()
    {
        double[] mean = [.. sums.Select(sum => sum / (White * pixels))];
        double[] std = [.. squares.Select((square, c) => Math.Sqrt(Math.Max(0, (square / (White * White * pixels)) - (mean[c] * mean[c]))))];
        // One colour everywhere: nothing to scale, and no division by zero.
        return new(mean, [.. std.Select(deviation => deviation > 0 ? deviation : 1)]);
    }

    /// <summary>What one thread has seen.</summary>
    private sealed class Partial(int length, int channels)
    {
        private readonly byte[] scratch = new byte[length];
        private readonly long[] sums = new long[channels], squares = new long[channels];
        private readonly List<(int, string)> damaged = [];
        private long pixels;

        public void Add(FittedImages images, int row, int index)
        {
            ReadOnlySpan<byte> planes;
            try
            {
                planes = images.Of(row, scratch);
            }
            catch (GraphRewriteException e)
            {
                damaged.Add((index, e.Message.TrimEnd('.')));
                return;
            }
            (int top, int left, int height, int width) = images.Fit.Inside(images.Source.Size ?? images.Fit.Target.Size);
            int across = images.Fit.Target.Size.Width, area = images.Fit.Target.Size.Height * across;
            for (int c = 0; c < sums.Length; c++)
            {
                for (int y = top; y < top + height; y++)
                {
                    (int sum, long square) = (0, 0);
                    foreach (byte pixel in planes.Slice((c * area) + (y * across) + left, width))
                    {
                        sum += pixel;
                        square += pixel * pixel;
                    }
                    sums[c] += sum;
                    squares[c] += square;
                }
            }
            pixels += height * width;
        }

        public void AddTo(ImageScan scan)
        {
            for (int c = 0; c < sums.Length; c++)
            {
                scan.sums[c] += sums[c];
                scan.squares[c] += squares[c];
            }
            scan.pixels += pixels;
            foreach ((int index, string message) in damaged) scan.damaged[index] = message;
        }
    }
}
