using GraphRewrite.Diagnostics;
using GraphRewrite.IR;
using GraphRewrite.Randomness;

namespace TrainingHost.Data;

/// <summary>
/// Random changes to images [C, H, W], a function of (seed, epoch, place in the epoch) so that a resumed run draws the same ones.
/// Flip: mirrored left to right with probability ½. Crop: cut at a random place out of the image padded by four black pixels on each side, which
/// is the image shifted by −4 … 4 on each axis.
/// No verb asks for it yet: a program that trains on photographs does, through <see cref="BatchPlan.Training"/>.
/// </summary>
internal sealed record Augmentation(bool Flip, bool Crop)
{
    private const int Padding = 4;

    /// <exception cref="GraphRewriteException">The input is not an image.</exception>
    public static void CheckInput(ExampleTensor input)
    {
        if (input.Type != ElementType.Float || input.Dims.Count != 3)
        {
            throw new GraphRewriteException(
                $"Augmentation: input '{input.Name}' is {input.Type}[{string.Join(", ", input.Dims)}], not an image [C, H, W]. Train without it.");
        }
    }

    /// <summary>Changes one row of a batch in place.</summary>
    /// <param name="images">The batch's images.</param>
    /// <param name="row">Which of them.</param>
    /// <param name="random">The row's own generator.</param>
    /// <param name="scratch">Room for one image.</param>
    public void Apply(BatchTensor images, int row, Pcg32 random, Span<float> scratch)
    {
        // Both are drawn whether they are used or not: switching one off leaves the other as it was.
        bool mirrored = random.Next(2) == 1 && Flip;
        int down = (int)random.Next((2 * Padding) + 1) - Padding, right = (int)random.Next((2 * Padding) + 1) - Padding;
        if (!Crop) (down, right) = (0, 0);
        if (!mirrored && (down, right) == (0, 0)) return;

        ExampleTensor example = images.Example;
        (int height, int width) = ((int)example.Dims[1], (int)example.Dims[2]);
        Span<float> image = images.FloatsOf(row);
        image.CopyTo(scratch);
        for (int line = 0; line < example.Dims[0] * height; line++)
        {
            int y = line % height, source = y + down;
            Span<float> target = image.Slice(line * width, width);
            if (source < 0 || source >= height)
            {
                target.Fill(example.Blank);
                continue;
            }
            ReadOnlySpan<float> pixels = scratch.Slice((line + down) * width, width);
            for (int x = 0; x < width; x++)
            {
                int column = (mirrored ? width - 1 - x : x) + right;
                target[x] = column < 0 || column >= width ? example.Blank : pixels[column];
            }
        }
    }
}
