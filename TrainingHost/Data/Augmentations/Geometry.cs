namespace TrainingHost.Data.Augmentations;

/// <summary>Changes of place. What comes from outside the image is black.</summary>
internal static class Geometry
{
    /// <summary>out(y, x) = in(y, W − 1 − x).</summary>
    public static void Mirror(Planes planes)
    {
        for (int c = 0; c < planes.Size.Channels; c++)
            for (int y = 0; y < planes.Size.Height; y++) planes.Row(c, y).Reverse();
    }

    /// <summary>out(y, x) = in(y + down, x + right): what a crop out of the image padded with black gives.</summary>
    public static void Shift(Planes planes, int down, int right)
    {
        if ((down, right) == (0, 0)) return;
        planes.WithCopy((to, before) =>
        {
            (int height, int width) = (to.Size.Height, to.Size.Width);
            int left = Math.Clamp(-right, 0, width), end = Math.Clamp(width - right, left, width);
            for (int c = 0; c < to.Size.Channels; c++)
            {
                for (int y = 0; y < height; y++)
                {
                    Span<float> row = to.Row(c, y);
                    row.Clear();
                    if (y + down < 0 || y + down >= height) continue;
                    before.Slice((c * to.Area) + ((y + down) * width) + left + right, end - left).CopyTo(row[left..]);
                }
            }
        });
    }

    /// <summary>Turned about its centre, counter-clockwise.</summary>
    public static void Rotate(Planes planes, double degrees)
    {
        (double sin, double cos) = Math.SinCos(degrees * Math.PI / 180);
        Transform(planes, new(cos, -sin, sin, cos, 0, 0));
    }

    /// <summary>
    /// out(y, x) = in(v, u) between its four neighbours (bilinear), with (u, v) − centre = A · ((x, y) − centre) + t, in centres of pixels.
    /// </summary>
    public static void Transform(Planes planes, Affine map) => planes.WithCopy((to, before) =>
    {
        (int height, int width) = (to.Size.Height, to.Size.Width);
        (double centerX, double centerY) = ((width - 1) / 2.0, (height - 1) / 2.0);
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                double u = (map.Xx * (x - centerX)) + (map.Xy * (y - centerY)) + map.X + centerX;
                double v = (map.Yx * (x - centerX)) + (map.Yy * (y - centerY)) + map.Y + centerY;
                (int left, int top) = ((int)Math.Floor(u), (int)Math.Floor(v));
                (float right, float down) = ((float)(u - left), (float)(v - top));
                for (int c = 0; c < to.Size.Channels; c++)
                {
                    ReadOnlySpan<float> plane = before.Slice(c * to.Area, to.Area);
                    float above = ((1 - right) * At(plane, top, left)) + (right * At(plane, top, left + 1));
                    float below = ((1 - right) * At(plane, top + 1, left)) + (right * At(plane, top + 1, left + 1));
                    to.Row(c, y)[x] = ((1 - down) * above) + (down * below);
                }
            }
        }

        float At(ReadOnlySpan<float> plane, int y, int x) => (uint)y < (uint)height && (uint)x < (uint)width ? plane[(y * width) + x] : 0;
    });

    /// <summary>u = Xx·x + Xy·y + X, v = Yx·x + Yy·y + Y.</summary>
    internal readonly record struct Affine(double Xx, double Xy, double Yx, double Yy, double X, double Y);
}
