/** What starts an external interrupt or event, as the HAL numbers it (GPIO_MODE_IT_… and GPIO_MODE_EVT_…, as the stock firmware has them). */
export const Trigger = {
  IRQ_RISING: 0x1011_0000,
  IRQ_FALLING: 0x1021_0000,
  IRQ_RISING_FALLING: 0x1031_0000,
  EVT_RISING: 0x1012_0000,
  EVT_FALLING: 0x1022_0000,
  EVT_RISING_FALLING: 0x1032_0000,
} as const;
